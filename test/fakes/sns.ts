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

/** One subscription, in the order in which they were made. */
export interface FakeSubscription {
  topic: string;
  protocol: string;
  endpoint: string;
  /**
   * Email and HTTPS endpoints must confirm, text messages need not (SNS developer guide, "Confirming a subscription"). One that was
   * deleted is listed as `Deleted` for up to two days (ibid., "Deleting a subscription"), and not at all later.
   */
  state: 'confirmed' | 'pending' | 'deleted';
}

/** SNS API reference, ListSubscriptionsByTopic: up to 100 a call. */
const SUBSCRIPTIONS_PAGE = 100;

/** SNS (AWS query protocol): topics have to be made before they take messages. */
export function createSns(): FakeService & {
  topics: Set<string>;
  published: Published[];
  subscriptions: FakeSubscription[];
  /** By region, what GetSMSAttributes gives; an attribute that was never set is not in its answer. */
  smsAttributes: Map<string, Record<string, string>>;
  /** Regions in which the account may text verified numbers only: every region, until AWS lets it out (SNS developer guide, "Using the SMS sandbox"). */
  sandboxed: Set<string>;
} {
  const { ok, error } = xml('http://sns.amazonaws.com/doc/2010-03-31/');
  const topics = new Set<string>();
  const published: Published[] = [];
  const subscriptions: FakeSubscription[] = [];
  const smsAttributes = new Map<string, Record<string, string>>();
  const sandboxed = new Set<string>();
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

  function list(region: string, form: URLSearchParams): AwsAnswer {
    const topic = form.get('TopicArn') ?? '';
    if (topic.split(':')[3] !== region) return invalid('TopicArn');
    if (!topics.has(topic)) return error('NotFound', 'Topic does not exist', 404);
    const mine = subscriptions.filter((each) => each.topic === topic);
    const from = Number(form.get('NextToken') ?? 0);
    const members = mine.slice(from, from + SUBSCRIPTIONS_PAGE).map(({ protocol, endpoint, state }, at) => {
      const arn = { confirmed: `${topic}:${from + at}`, pending: 'PendingConfirmation', deleted: 'Deleted' }[state];
      return `<member>${element('TopicArn', topic)}${element('Protocol', protocol)}${element('SubscriptionArn', arn)}${element('Endpoint', endpoint)}</member>`;
    });
    const next = from + SUBSCRIPTIONS_PAGE < mine.length ? element('NextToken', from + SUBSCRIPTIONS_PAGE) : '';
    const body = `<Subscriptions>${members.join('')}</Subscriptions>${next}`;
    return ok('ListSubscriptionsByTopicResponse', `<ListSubscriptionsByTopicResult>${body}</ListSubscriptionsByTopicResult>`);
  }

  function attributes(region: string): AwsAnswer {
    const entries = Object.entries(smsAttributes.get(region) ?? {}).map(
      ([key, value]) => `<entry>${element('key', key)}${element('value', value)}</entry>`,
    );
    const body = `<attributes>${entries.join('')}</attributes>`;
    return ok('GetSMSAttributesResponse', `<GetSMSAttributesResult>${body}</GetSMSAttributesResult>`);
  }

  return {
    topics,
    published,
    subscriptions,
    smsAttributes,
    sandboxed,
    needOf({ body }) {
      const form = new URLSearchParams(body);
      const operation = form.get('Action') ?? '';
      return { operation, action: `sns:${operation}`, resources: [form.get('TopicArn') ?? '*'] };
    },
    answer({ region, body }: AwsRequest) {
      const form = new URLSearchParams(body);
      const action = form.get('Action');
      if (action === 'Publish') return publish(region, form);
      if (action === 'ListSubscriptionsByTopic') return list(region, form);
      if (action === 'GetSMSSandboxAccountStatus') {
        const result = element('IsInSandbox', sandboxed.has(region));
        return ok(`${action}Response`, `<${action}Result>${result}</${action}Result>`);
      }
      return action === 'GetSMSAttributes' ? attributes(region) : error('InvalidAction', `${action}`);
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
