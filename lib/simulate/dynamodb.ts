/** DynamoDB as the store of production calls it: whole items, conditions, strong reads, and what may befall a request. */
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ReplicatedWriteConflictException,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Call } from './crash-points.ts';
import type { Invocation, Invocations, Served } from './invocations.ts';
import { failEarly, replicaMs } from './table.ts';
import type { Timeline } from './timeline.ts';
import type { Weather } from './weather.ts';

export type Item = Record<string, AttributeValue>;

export interface DynamoDB {
  client: Pick<DynamoDBClient, 'send'>;
  /** By `pk`, where an item's `sk` is its only one. */
  item(pk: string): Item | undefined;
  pks(): string[];
  /** A copy of everything, as it is now. */
  copy(): ReadonlyMap<string, Item>;
  replace(items: ReadonlyMap<string, Item>): void;
}

export interface DynamoDBOptions {
  timeline: Timeline;
  weather: Weather;
  invocations: Invocations;
  /** What a request is called among crash points. */
  nameOf(operation: string, pk: string): Call;
  /** An item as this reader gets it. */
  shown(item: Item, by: Invocation): Item;
  /** May nobody write this item, whatever it holds? */
  isLocked(pk: string): boolean;
  onWritten(by: Invocation, pk: string, before: Item | undefined, after: Item): void;
}

type Key = Pick<Item, 'pk' | 'sk'>;
const pkOf = ({ pk }: Partial<Key>): string => pk?.S ?? '';
const nameOfKey = ({ pk, sk }: Partial<Key>): string => `${pk?.S} ${sk?.S}`;
const $metadata = {};

export function createDynamoDB(options: DynamoDBOptions): DynamoDB {
  const { timeline, weather, invocations } = options;
  let items = new Map<string, Item>();

  function read(key: Partial<Key>, by: Invocation): Item | undefined {
    const item = items.get(nameOfKey(key));
    return item && options.shown(item, by);
  }

  function request<T>(operation: string, key: Partial<Key>, serve: (by: Invocation) => Served<T>): Promise<T> {
    return invocations.call('table', options.nameOf(operation, pkOf(key)), (by) => {
      failEarly(weather);
      const served = serve(by);
      return { ...served, lost: served.lost || weather.strikes('table timeout after commit'), slowMs: replicaMs(weather, by) };
    });
  }

  /** The table's clock comes in the answer's `Date` header, in whole seconds (RFC 9110, 6.6.1). */
  async function getItem(command: GetItemCommand): Promise<unknown> {
    const { Key: key = {} } = command.input;
    const answer = await request('GetItem', key, (by) => ({
      answer: { item: read(key, by), date: new Date(timeline.now()).toUTCString() },
    }));
    const output = { $metadata, ...(answer.item && { Item: answer.item }) };
    const last = async () => ({ output, response: { headers: { date: answer.date } } });
    const handler = command.middlewareStack.resolve(last as never, {});
    return (await handler({ input: command.input })).output;
  }

  /** Any part of it may be left for another request (API reference, BatchGetItem, `UnprocessedKeys`). */
  function batchGet({ input }: BatchGetItemCommand): Promise<unknown> {
    const [[table = '', { Keys: keys = [] } = {}] = []] = Object.entries(input.RequestItems ?? {});
    return request('BatchGetItem', keys[0] ?? {}, (by) => {
      const left = keys.filter(() => weather.strikes('table key unprocessed'));
      const found = keys.filter((key) => !left.includes(key)).map((key) => read(key, by));
      const unprocessed = left.length > 0 ? { [table]: { Keys: left } } : {};
      return {
        answer: { $metadata, Responses: { [table]: found.filter((item) => item !== undefined) }, UnprocessedKeys: unprocessed },
      };
    });
  }

  function putItem({ input }: PutItemCommand): Promise<unknown> {
    const { Item: item = {} } = input;
    return write('PutItem', item, input, () => item);
  }

  function updateItem({ input }: UpdateItemCommand): Promise<unknown> {
    const { Key: key = {}, UpdateExpression = '' } = input;
    return write('UpdateItem', key, input, (before) => ({ ...key, ...before, ...assigned(UpdateExpression, input) }));
  }

  /** A write in two regions at once fails in one of them (developer guide, "Multi-Region strong consistency"). */
  function write(operation: string, key: Item, input: Condition, make: (before: Item | undefined) => Item): Promise<unknown> {
    return request(operation, key, (by) => {
      if (weather.strikes('table replicas in conflict'))
        throw new ReplicatedWriteConflictException({ $metadata, message: 'another replica is writing it' });
      const before = items.get(nameOfKey(key));
      if (options.isLocked(pkOf(key)) || !holds(input, before)) throw failed();
      const after = make(before);
      items.set(nameOfKey(key), after);
      options.onWritten(by, pkOf(key), before, after);
      // The first attempt's answer was lost, and the second fails on what the first has written.
      if (operation === 'PutItem' && weather.strikes('table retry met its own write')) throw failed();
      return { answer: { $metadata } };
    });
  }

  const failed = () => new ConditionalCheckFailedException({ $metadata, message: 'The conditional request failed' });

  function send(command: unknown): Promise<unknown> {
    if (command instanceof GetItemCommand) return getItem(command);
    if (command instanceof BatchGetItemCommand) return batchGet(command);
    if (command instanceof PutItemCommand) return putItem(command);
    if (command instanceof UpdateItemCommand) return updateItem(command);
    throw new Error(`not simulated: ${(command as object).constructor.name}`);
  }

  return {
    client: { send } as unknown as Pick<DynamoDBClient, 'send'>,
    item: (pk) => items.get(nameOfKey({ pk: { S: pk }, sk: { S: '-' } })),
    pks: () => [...items.values()].map(pkOf),
    copy: () => new Map(items),
    replace(copy) {
      items = new Map(copy);
    },
  };
}

interface Condition {
  ConditionExpression?: string | undefined;
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

/** Terms without brackets, joined by OR or AND: what the store writes (developer guide, "Condition expressions"). */
function holds({ ConditionExpression: text = '', ...given }: Condition, item: Item | undefined): boolean {
  if (text === '') return true;
  const terms = (joint: string) => text.split(` ${joint} `).map((term) => isTrue(term, given, item));
  return text.includes(' OR ') ? terms('OR').some(Boolean) : terms('AND').every(Boolean);
}

function isTrue(term: string, { ExpressionAttributeNames: names = {}, ...given }: Condition, item: Item | undefined): boolean {
  const attribute = (name: string): AttributeValue | undefined => item?.[names[name] ?? name];
  const [, absent] = /^attribute_not_exists\((\S+)\)$/.exec(term) ?? [];
  if (absent !== undefined) return attribute(absent) === undefined;
  const [, name = '', operator, value = ''] = /^(\S+) (=|<=|<) (:\S+)$/.exec(term) ?? [];
  const [left, right] = [attribute(name), given.ExpressionAttributeValues?.[value]];
  if (left === undefined || right === undefined) return false;
  if (left.N === undefined || right.N === undefined) return operator === '=' && left.S === right.S;
  const difference = Number(left.N) - Number(right.N);
  return operator === '=' ? difference === 0 : operator === '<' ? difference < 0 : difference <= 0;
}

/** `SET #n0 = :v0, …` */
function assigned(text: string, { ExpressionAttributeNames: names = {}, ...given }: Condition): Item {
  const pairs = text.replace(/^SET /, '').split(', ');
  return Object.fromEntries(
    pairs.flatMap((pair) => {
      const [name = '', value = ''] = pair.split(' = ');
      const stored = given.ExpressionAttributeValues?.[value];
      return stored ? [[names[name] ?? name, stored] as const] : [];
    }),
  );
}
