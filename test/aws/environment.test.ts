import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Environment, environmentVariables, readCell, readEnvironment, readRegion } from '../../lib/aws/environment.ts';

const environment: Environment = {
  role: 'arbiter',
  cell: 'example',
  account: '123456789012',
  table: 'quorumwatch-example-single-us-east-1',
  tableRegions: ['us-east-1', 'us-east-2'],
  linkBase: 'https://abc.lambda-url.us-east-1.on.aws',
  linkKey: 'quorumwatch/example/link',
};
const variables = environmentVariables(environment);

describe('what the stacks give', () => {
  it.each([
    ['everything', environment],
    ['a secret for heartbeats', { ...environment, beatKey: 'quorumwatch-example/heartbeats' }],
    ['no web part', { ...environment, linkBase: '', linkKey: undefined }],
  ])('is what a function reads: %s', (_, given) => {
    expect(readEnvironment('arbiter', environmentVariables(given))).toEqual(JSON.parse(JSON.stringify(given)));
  });

  it.each([
    ['QUORUMWATCH_ROLE', 'prober', "QUORUMWATCH_ROLE: is prober, but this is the arbiter's bundle (deploy anew)"],
    ['QUORUMWATCH_ACCOUNT', '1234', 'QUORUMWATCH_ACCOUNT: is "1234" (write an account number of 12 digits)'],
    ['QUORUMWATCH_TABLE', undefined, 'QUORUMWATCH_TABLE: is not set (it is the name of the voting table)'],
    ['QUORUMWATCH_TABLE_REGIONS', '', 'QUORUMWATCH_TABLE_REGIONS: is "" (write regions like us-east-1,us-east-2)'],
    ['QUORUMWATCH_LINK_BASE', 'https://a/', 'QUORUMWATCH_LINK_BASE: is "https://a/" (write a URL without a slash at the end)'],
  ])('says what is wrong with %s=%s', (name, value, message) => {
    expect(() => readEnvironment('arbiter', { ...variables, [name]: value })).toThrow(new Error(message));
  });

  it('lets a function fail that does not run in Lambda', () => {
    expect(() => readRegion({})).toThrow('AWS_REGION: is not set (it is the region, given by Lambda)');
    expect(() => readCell(variables)).toThrow('LAMBDA_TASK_ROOT: is not set (it is the folder of the handler, given by Lambda)');
  });
});

describe('the cell beside the handler', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'quorumwatch-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('must be there, and be the one that was meant', () => {
    const env = { ...variables, LAMBDA_TASK_ROOT: folder };
    expect(() => readCell(env)).toThrow(/ENOENT.*cell\.json/);
    writeFileSync(path.join(folder, 'cell.json'), '{"name":"other"}');
    expect(() => readCell(env)).toThrow('QUORUMWATCH_CELL: is example, but cell.json is of other (deploy anew)');
    writeFileSync(path.join(folder, 'cell.json'), '{"name":"example"}');
    expect(readCell(env)).toEqual({ name: 'example' });
  });
});
