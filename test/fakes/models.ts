/**
 * Every request that an SDK client sends in this process is checked against its service's own model, which the SDK brings along as
 * schemas: it leaves out silently what the model does not know, and leaves it to the service to miss what is required.
 */
import { SNSClient } from '@aws-sdk/client-sns';
import { NormalizedSchema } from '@smithy/core/schema';
import type { $SchemaRef, StaticOperationSchema, StaticStructureSchema } from '@smithy/types';
import { afterEach, expect } from 'vitest';

interface Sent {
  /** As the SDK's commands hold it. */
  schema?: unknown;
  input: unknown;
}

type Send = (command: Sent, ...rest: unknown[]) => unknown;

const found: string[] = [];
afterEach(() => expect(found.splice(0), 'requests that their service’s model does not know').toEqual([]));

/** Something else that is wrong with a request of this test. */
export const foundFault = (fault: string): void => void found.push(fault);

// The one class that every client of the SDK is made from.
const base = Object.getPrototypeOf(SNSClient.prototype) as { send: Send };
const { send } = base;
base.send = function (this: unknown, command, ...rest) {
  found.push(...requestFaults(command));
  return send.call(this, command, ...rest);
};

/** What is wrong with a request, each as `Publish.Message: is required`. */
export function requestFaults({ schema, input }: Sent): string[] {
  const [, , name, , shape] = schema as StaticOperationSchema;
  return inputFaults(NormalizedSchema.of(shape as $SchemaRef), input, name);
}

export const inputFaults = (schema: NormalizedSchema, input: unknown, operation: string): string[] =>
  faultsOf(schema, input, operation);

function faultsOf(schema: NormalizedSchema, value: unknown, at: string): string[] {
  if (value === undefined || value === null) return [];
  if (schema.isListSchema())
    return Array.isArray(value)
      ? value.flatMap((each, index) => faultsOf(schema.getValueSchema(), each, `${at}[${index}]`))
      : [`${at}: is no list`];
  if (schema.isMapSchema())
    return isObject(value)
      ? Object.entries(value).flatMap(([key, each]) => faultsOf(schema.getValueSchema(), each, `${at}.${key}`))
      : [`${at}: is no map`];
  if (schema.isStructSchema()) return isObject(value) ? structureFaults(schema, value, at) : [`${at}: is no structure`];
  return isOfKind(schema, value) ? [] : [`${at}: is of another kind`];
}

function structureFaults(schema: NormalizedSchema, value: Record<string, unknown>, at: string): string[] {
  // The members that are required come first, and the last element says how many they are (Smithy's TypeScript types, `StaticStructureSchema`).
  const [, , , , members, , requiredCount = 0] = schema.getSchema() as StaticStructureSchema;
  const required = members.slice(0, requiredCount).filter((name) => value[name] === undefined);
  const unknown = Object.keys(value).filter((name) => value[name] !== undefined && !members.includes(name));
  return [
    ...required.map((name) => `${at}.${name}: is required`),
    ...unknown.map((name) => `${at}.${name}: is not known`),
    ...[...schema.structIterator()].flatMap(([name, member]) => faultsOf(member, value[name], `${at}.${name}`)),
  ];
}

function isOfKind(schema: NormalizedSchema, value: unknown): boolean {
  if (schema.isStringSchema()) return typeof value === 'string';
  if (schema.isNumericSchema()) return typeof value === 'number';
  if (schema.isBooleanSchema()) return typeof value === 'boolean';
  if (schema.isTimestampSchema()) return value instanceof Date;
  return true;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
