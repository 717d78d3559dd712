import type { AwsAnswer, AwsRequest, FakeService } from './aws.ts';
import { ACCOUNT, element, xml } from './wire.ts';

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
  /** What the request to confirm brought. */
  token?: string;
  /** Nobody unsubscribes it by a link. */
  isKept?: boolean;
}

/** What SNS texts to a number that is to be verified, here always the same. */
export const ONE_TIME_PASSWORD = '123456';
/** SNS API reference, SetSMSAttributes. */
const SMS_ATTRIBUTES = [
  'MonthlySpendLimit',
  'DeliveryStatusIAMRole',
  'DeliveryStatusSuccessSamplingRate',
  'DefaultSenderID',
  'DefaultSMSType',
  'UsageReportS3Bucket',
];
/** USD a month, until AWS raises it (SNS developer guide, "Requesting increases to your monthly Amazon SNS SMS spending quota"). */
const SPEND_QUOTA = 1;

/** SNS API reference, CreateSMSSandboxPhoneNumber, PhoneNumber. */
const PHONE_NUMBER = /^(\+[0-9]{8,}|[0-9]{0,9})$/;
/** SNS API reference, ListSubscriptionsByTopic: up to 100 a call. */
const SUBSCRIPTIONS_PAGE = 100;

/** Of a topic that was given none: what is its owner's may use it (SNS developer guide, "Example cases for Amazon SNS access control"). */
const policyOfOwner = (topic: string): string =>
  JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['SNS:GetTopicAttributes', 'SNS:Subscribe', 'SNS:ListSubscriptionsByTopic', 'SNS:Publish'],
        Resource: topic,
        Condition: { StringEquals: { 'AWS:SourceOwner': ACCOUNT } },
      },
    ],
  });

/** SNS (AWS query protocol): topics have to be made before they take messages. */
export function createSns(): FakeService & {
  topics: Set<string>;
  published: Published[];
  subscriptions: FakeSubscription[];
  /** By region, what GetSMSAttributes gives; an attribute that was never set is not in its answer. */
  smsAttributes: Map<string, Record<string, string>>;
  /** Regions in which the account may text verified numbers only: every region, until AWS lets it out (SNS developer guide, "Using the SMS sandbox"). */
  sandboxed: Set<string>;
  /** By topic, what is not as it is of a new one. */
  attributes: Map<string, { Policy?: string; KmsMasterKeyId?: string }>;
  /** By region, the numbers that the sandbox texts, or is to. */
  sandboxNumbers: Map<string, Map<string, 'Pending' | 'Verified'>>;
  /** By region, USD a month that AWS allows the account; nobody sets a limit above it. */
  spendQuotas: Map<string, number>;
} {
  const { ok, error } = xml('http://sns.amazonaws.com/doc/2010-03-31/');
  const topics = new Set<string>();
  const published: Published[] = [];
  const subscriptions: FakeSubscription[] = [];
  const smsAttributes = new Map<string, Record<string, string>>();
  const sandboxed = new Set<string>();
  const attributes = new Map<string, { Policy?: string; KmsMasterKeyId?: string }>();
  const sandboxNumbers = new Map<string, Map<string, 'Pending' | 'Verified'>>();
  const spendQuotas = new Map<string, number>();
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

  function topicAttributes(region: string, form: URLSearchParams): AwsAnswer {
    const topic = form.get('TopicArn') ?? '';
    if (topic.split(':')[3] !== region) return invalid('TopicArn');
    if (!topics.has(topic)) return error('NotFound', 'Topic does not exist', 404);
    const all = { TopicArn: topic, Owner: ACCOUNT, Policy: policyOfOwner(topic), ...attributes.get(topic) };
    const entries = Object.entries(all).map(([key, value]) => `<entry>${element('key', key)}${element('value', value)}</entry>`);
    return result('GetTopicAttributes', `<Attributes>${entries.join('')}</Attributes>`);
  }

  function getAttributes(region: string): AwsAnswer {
    const entries = Object.entries(smsAttributes.get(region) ?? {}).map(
      ([key, value]) => `<entry>${element('key', key)}${element('value', value)}</entry>`,
    );
    const body = `<attributes>${entries.join('')}</attributes>`;
    return ok('GetSMSAttributesResponse', `<GetSMSAttributesResult>${body}</GetSMSAttributesResult>`);
  }

  /**
   * By the token that the endpoint was sent. With `AuthenticateOnUnsubscribe` only the owners of topic and subscription can end it
   * (SNS API reference, ConfirmSubscription).
   */
  function confirm(region: string, form: URLSearchParams): AwsAnswer {
    const topic = form.get('TopicArn') ?? '';
    const found = subscriptions.findIndex((each) => each.topic === topic && each.token === form.get('Token'));
    const subscription = subscriptions[found];
    if (topic.split(':')[3] !== region) return invalid('TopicArn');
    if (!topics.has(topic)) return error('NotFound', 'Topic does not exist', 404);
    if (subscription?.state !== 'pending') return invalid('Token');
    subscription.state = 'confirmed';
    subscription.isKept = form.get('AuthenticateOnUnsubscribe') === 'true';
    return result('ConfirmSubscription', element('SubscriptionArn', `${topic}:${found}`));
  }

  /** SNS API reference, SetSMSAttributes: attributes that it does not know, and limits above the quota, are refused. */
  function setAttributes(region: string, form: URLSearchParams): AwsAnswer {
    const given = Object.fromEntries(
      [...form]
        .filter(([key]) => key.endsWith('.key'))
        .map(([key, name]) => [name, form.get(key.replace(/key$/, 'value')) ?? '']),
    );
    if (Object.keys(given).some((name) => !SMS_ATTRIBUTES.includes(name))) return invalid('attributes');
    const limit = given.MonthlySpendLimit;
    if (limit !== undefined && !(Number(limit) <= (spendQuotas.get(region) ?? SPEND_QUOTA))) return invalid('MonthlySpendLimit');
    smsAttributes.set(region, { ...smsAttributes.get(region), ...given });
    return result('SetSMSAttributes', '');
  }

  /** A number is texted a password, and verified by it (SNS API reference, CreateSMSSandboxPhoneNumber, VerifySMSSandboxPhoneNumber). */
  function sandboxNumber(region: string, form: URLSearchParams): AwsAnswer {
    const numbers = sandboxNumbers.get(region) ?? new Map<string, 'Pending' | 'Verified'>();
    const number = form.get('PhoneNumber') ?? '';
    const action = form.get('Action') ?? '';
    sandboxNumbers.set(region, numbers);
    if (!PHONE_NUMBER.test(number)) return invalid('PhoneNumber');
    if (action === 'CreateSMSSandboxPhoneNumber') {
      numbers.set(number, numbers.get(number) ?? 'Pending');
    } else {
      if (!numbers.has(number)) return error('ResourceNotFound', 'Phone number does not exist', 404);
      if (form.get('OneTimePassword') !== ONE_TIME_PASSWORD) return error('VerificationException', 'wrong password');
      numbers.set(number, 'Verified');
    }
    return result(action, '');
  }

  function listNumbers(region: string): AwsAnswer {
    const members = [...(sandboxNumbers.get(region) ?? [])].map(
      ([number, status]) => `<member>${element('PhoneNumber', number)}${element('Status', status)}</member>`,
    );
    return result('ListSMSSandboxPhoneNumbers', `<PhoneNumbers>${members.join('')}</PhoneNumbers>`);
  }

  const result = (action: string, body: string): AwsAnswer =>
    ok(`${action}Response`, `<${action}Result>${body}</${action}Result>`);

  return {
    topics,
    published,
    subscriptions,
    smsAttributes,
    sandboxed,
    attributes,
    sandboxNumbers,
    spendQuotas,
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
      if (action === 'GetSMSSandboxAccountStatus') return result(action, element('IsInSandbox', sandboxed.has(region)));
      if (action === 'GetSMSAttributes') return getAttributes(region);
      if (action === 'GetTopicAttributes') return topicAttributes(region, form);
      if (action === 'SetSMSAttributes') return setAttributes(region, form);
      if (action === 'ConfirmSubscription') return confirm(region, form);
      if (action === 'ListSMSSandboxPhoneNumbers') return listNumbers(region);
      return action?.endsWith('SMSSandboxPhoneNumber') ? sandboxNumber(region, form) : error('InvalidAction', `${action}`);
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
