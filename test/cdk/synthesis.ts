import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import cdk from '../../cdk.json' with { type: 'json' };
import { Quorumwatch, type QuorumwatchOptions } from '../../lib/cdk/quorumwatch.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { cellOf } from './configurations.ts';

export interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is what CloudFormation takes, checked by the rules
  Properties: Record<string, any>;
  DependsOn?: string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

export interface Template {
  Resources: Record<string, Resource>;
  Outputs?: Record<string, unknown>;
}

/** A synthesised cell: its templates by stack, as `Vantage-eu-west-1`. */
export interface Synthesis {
  cell: Cell;
  stacks: Record<string, Template>;
  /** Where the cloud assembly is. */
  directory: string;
  /** Of each stack: account, region, and the stacks that are deployed before it. */
  places: Record<string, { account: string; region: string; name: string; protected: boolean; after: string[] }>;
}

export const ACCOUNT = '123456789012';

/** An app without what takes its time; CloudFormation's own rules are asked by `test/extra/synth.test.ts`. */
export const newApp = (): App =>
  new App({
    analyticsReporting: false,
    treeMetadata: false,
    context: { ...cdk.context, '@aws-cdk/core:validateAgainstDefaultRules': false },
  });

/** Synthesises a configuration with code that is not bundled. */
export const synthesise = (yaml: string, options: QuorumwatchOptions = {}): Synthesis => synthesiseCell(cellOf(yaml), options);

/** An app with one cell, not synthesised. */
export function appOf(cell: Cell, options: QuorumwatchOptions = {}): App {
  const app = newApp();
  new Quorumwatch(app, 'Monitor', { account: ACCOUNT, codeOf: () => Code.fromInline('//'), ...options, cell });
  return app;
}

export function synthesiseCell(cell: Cell, options: QuorumwatchOptions = {}): Synthesis {
  const { stacks, directory } = appOf(cell, options).synth();
  const idOf = (hierarchicalId: string) => hierarchicalId.replace('Monitor/', '');
  return {
    cell,
    directory,
    stacks: Object.fromEntries(stacks.map((stack) => [idOf(stack.hierarchicalId), stack.template as Template])),
    places: Object.fromEntries(
      stacks.map((stack) => [
        idOf(stack.hierarchicalId),
        {
          account: stack.environment.account,
          region: stack.environment.region,
          name: stack.stackName,
          protected: stack.terminationProtection ?? false,
          after: stack.dependencies.flatMap((other) =>
            other instanceof CloudFormationStackArtifact ? [idOf(other.hierarchicalId)] : [],
          ),
        },
      ]),
    ),
  };
}

/** One synthesis for all tests of a file that ask for the same. */
const made = new Map<string, Synthesis>();
export function synthesised(yaml: string): Synthesis {
  const known = made.get(yaml) ?? synthesise(yaml);
  made.set(yaml, known);
  return known;
}

/** The template of a stack. Throws when there is none. */
export function templateOf({ stacks }: Synthesis, stack: string): Template {
  const template = stacks[stack];
  if (!template) throw new Error(`there is no stack ${stack}, only ${Object.keys(stacks).join(', ')}`);
  return template;
}

/** Resources of a type, by logical id. */
export const resourcesOf = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type);

/** The only resource of a type whose properties have these values. */
export function only(template: Template, type: string, properties: Record<string, unknown> = {}): [string, Resource] {
  const found = resourcesOf(template, type).filter(([, resource]) =>
    Object.entries(properties).every(([key, value]) => JSON.stringify(resource.Properties[key]) === JSON.stringify(value)),
  );
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`${found.length} of ${type} ${JSON.stringify(properties)}`);
  return first;
}
