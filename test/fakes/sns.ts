import type { AwsAnswer, AwsRequest, FakeService } from './aws.ts';
import { element, xml } from './wire.ts';

export interface Published {
  region: string;
  topic: string;
  subject: string | undefined;
  /** By protocol, `default` among them. */
  texts: Record<string, string>;
  attributes: Record<string, string>;
}

/** SNS API reference, Publish: messages are at most 256 KB. */
const MAX_MESSAGE_BYTES = 262_144;
/**
 * SNS API reference, Publish, Subject: "ASCII text that begins with a letter, number, or punctuation mark; must not include line
 * breaks or control characters; and must be less than 100 characters long"; the service takes 100.
 */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]{0,99}$/;

/** SNS (AWS query protocol): topics have to be made before they take messages. */
export function createSns(): FakeService & { topics: Set<string>; published: Published[] } {
  const { ok, error } = xml('http://sns.amazonaws.com/doc/2010-03-31/');
  const topics = new Set<string>();
  const published: Published[] = [];
  const invalid = (what: string): AwsAnswer => error('InvalidParameter', `Invalid parameter: ${what}`);

  function publish(region: string, form: URLSearchParams): AwsAnswer {
    const topic = form.get('TopicArn') ?? '';
    const message = form.get('Message') ?? '';
    const subject = form.get('Subject') ?? undefined;
    // SNS API reference, Publish: "You can publish messages only to topics and endpoints in the same AWS Region."
    if (topic.split(':')[3] !== region) return invalid('TopicArn');
    if (!topics.has(topic)) return error('NotFound', 'Topic does not exist', 404);
    if (subject !== undefined && !SUBJECT.test(subject)) return invalid('Subject');
    if (Buffer.byteLength(message) > MAX_MESSAGE_BYTES) return invalid('Message too long');
    const texts = form.get('MessageStructure') === 'json' ? textsOf(message) : { default: message };
    if (!texts) return invalid('Message Structure - No default entry in JSON message body');
    published.push({ region, topic, subject, texts, attributes: attributesOf(form) });
    return ok('PublishResponse', `<PublishResult>${element('MessageId', published.length)}</PublishResult>`);
  }

  return {
    topics,
    published,
    needOf({ body }) {
      const form = new URLSearchParams(body);
      const operation = form.get('Action') ?? '';
      return { operation, action: `sns:${operation}`, resources: [form.get('TopicArn') ?? ''] };
    },
    answer({ region, body }: AwsRequest) {
      const form = new URLSearchParams(body);
      return form.get('Action') === 'Publish' ? publish(region, form) : error('InvalidAction', `${form.get('Action')}`);
    },
  };
}

/**
 * SNS API reference, Publish, MessageStructure: the message must be a JSON object with at least a top-level key `default` whose
 * value is text; keys with other values are ignored.
 */
function textsOf(message: string): Record<string, string> | undefined {
  const parsed = JSON.parse(message) as Record<string, unknown>;
  const texts = Object.fromEntries(
    Object.entries(parsed).filter((each): each is [string, string] => typeof each[1] === 'string'),
  );
  return 'default' in texts ? texts : undefined;
}

/** `MessageAttributes.entry.N.Name` and `MessageAttributes.entry.N.Value.StringValue`. */
function attributesOf(form: URLSearchParams): Record<string, string> {
  const names = [...form.keys()].filter((key) => /^MessageAttributes\.entry\.\d+\.Name$/.test(key));
  return Object.fromEntries(names.map((key) => [form.get(key) ?? '', form.get(key.replace(/Name$/, 'Value.StringValue')) ?? '']));
}
