import '../older-node.ts';

/** `quorumwatch/cdk`: the monitor as a construct of other people's CDK apps. */
export { type CodeOf, prebuilt } from './code.ts';
export type { Topics } from './paging-stack.ts';
export { Quorumwatch, type QuorumwatchOptions, type QuorumwatchProps } from './quorumwatch.ts';
