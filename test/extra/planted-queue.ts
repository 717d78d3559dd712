/**
 * Loaded before the app of a synthesis: whatever it synthesises has one queue more, with what is said in `PLANTED_QUEUE`. `SOFT`: it takes
 * requests without TLS. `WRONG`: CloudFormation refuses it.
 */
import { CfnResource, Stack, Stage } from 'aws-cdk-lib';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';

const { synth } = Stage.prototype;
Stage.prototype.synth = function plant(options) {
  // It is asked for again when the process ends.
  if (!this.node.tryFindChild('Planted')) {
    const stack = new Stack(this, 'Planted');
    if (process.env.PLANTED_QUEUE === 'SOFT') new CfnQueue(stack, 'Queue');
    else new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties: { DelaySeconds: 'soon' } });
  }
  return synth.call(this, options);
};
