import { type CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  GetHealthCheckCommand,
  type HealthCheck,
  HealthCheckVersionMismatch,
  NoSuchHealthCheck,
  type Route53Client,
  UpdateHealthCheckCommand,
} from '@aws-sdk/client-route-53';
import { type Cell, memberKey } from '../core/cell.ts';
import type { SwitchState } from '../core/inputs.ts';
import type { Clock, Emit, Switches } from '../ports.ts';
import { withinMs } from './limits.ts';
import { metricNamespace, SWITCH_METRIC, switchDimensions } from './names.ts';
import { createSwitchIds, problemOf } from './switch-ids.ts';

/** An account has five a second, all arbiters together (Route 53 developer guide, "Quotas"); they may come in closer than they left. */
const REQUESTS_PER_SECOND = 4;
/** One call with its retries; reading and updating a switch fit into the time of an act. */
const CALL_TIMEOUT_MS = 4_000;
const SIGNAL_TIMEOUT_MS = 1_500;
/** CloudWatch API reference, PutMetricData: up to 1,000 metrics in a request. */
const DATA_BATCH = 1_000;

export interface SwitchesOptions {
  cell: Cell;
  /** @see paceRoute53 */
  route53: Route53Client;
  /** Of the region in which the switches' alarms are. */
  cloudWatch: CloudWatchClient;
  emit: Emit;
}

/**
 * The switches in Route 53: one CLOUDWATCH_METRIC health check a member. Out of service is `Disabled` and `Inverted` (Route 53 API
 * reference, UpdateHealthCheck: a disabled check counts as healthy, inverted as unhealthy), in service is neither; and, by the
 * second way, the metric that its alarm follows.
 */
export function createSwitches({ cell, route53, cloudWatch, emit }: SwitchesOptions): Switches {
  const ids = createSwitchIds(route53, cell);

  /** A health check that was made anew has another id: it is looked for once more. */
  async function withId<T>(record: string, node: string, call: (HealthCheckId: string) => Promise<T>): Promise<T> {
    try {
      return await call(await ids.idOf(record, node));
    } catch (error) {
      if (!(error instanceof NoSuchHealthCheck)) throw error;
      await ids.list();
      return call(await ids.idOf(record, node));
    }
  }

  return {
    /** Members whose switch is not there, or there twice, are left out and noted: the others can still be compared. */
    async list() {
      const members = membersOf(cell);
      const found = members.length === 0 ? new Map<string, HealthCheck[]>() : await ids.list();
      return members.flatMap(({ record, node, ownId }) => {
        const checks = found.get(memberKey(record, node)) ?? [];
        const [only] = checks;
        if (only && checks.length === 1) return [stateOf(record, node, only)];
        emit({ event: 'note', text: problemOf(cell.name, { record, node, ownId }, checks) });
        return [];
      });
    },

    read: (record, node) =>
      withId(record, node, async (HealthCheckId) => {
        const command = new GetHealthCheckCommand({ HealthCheckId });
        const { HealthCheck: check } = await route53.send(command, withinMs(CALL_TIMEOUT_MS));
        if (!check) throw new Error(`switch of ${memberKey(record, node)}: Route 53 gave no health check`);
        return stateOf(record, node, check);
      }),

    async update({ record, node, inService, version }) {
      const HealthCheckId = await ids.idOf(record, node);
      const flags = { Disabled: !inService, Inverted: !inService };
      const command = new UpdateHealthCheckCommand({ HealthCheckId, HealthCheckVersion: version, ...flags });
      try {
        const { HealthCheck: check } = await route53.send(command, withinMs(CALL_TIMEOUT_MS));
        return { result: 'updated', version: check?.HealthCheckVersion ?? version + 1 };
      } catch (error) {
        if (error instanceof HealthCheckVersionMismatch) return { result: 'version-mismatch' };
        throw error;
      }
    },

    /** Datapoints carry `at`: one that comes late lands in its own minute and not in a later one. */
    async signal(members, at) {
      const data = members.map(({ record, node, inService }) => ({
        MetricName: SWITCH_METRIC,
        Dimensions: Object.entries(switchDimensions(record, node)).map(([Name, Value]) => ({ Name, Value })),
        Timestamp: new Date(at),
        Value: inService ? 0 : 1,
      }));
      for (let from = 0; from < data.length; from += DATA_BATCH) {
        const MetricData = data.slice(from, from + DATA_BATCH);
        const command = new PutMetricDataCommand({ Namespace: metricNamespace(cell.name), MetricData });
        await cloudWatch.send(command, withinMs(SIGNAL_TIMEOUT_MS));
      }
    },
  };
}

/** Lets a client begin at most four attempts in any second, retries included; more than five Route 53 refuses, for everybody. */
export function paceRoute53(client: Route53Client, clock: Clock): Route53Client {
  let begun: number[] = [];
  client.middlewareStack.add(
    (proceed) => async (args) => {
      const full = begun.at(-REQUESTS_PER_SECOND);
      const at = Math.max(clock.now(), full === undefined ? 0 : full + 1_000);
      begun = [...begun, at].slice(-REQUESTS_PER_SECOND);
      await clock.sleep(at - clock.now());
      return proceed(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'pace' },
  );
  return client;
}

const membersOf = (cell: Cell): { record: string; node: string; ownId: string | undefined }[] =>
  cell.records.flatMap(({ id, members }) => members.map(({ node, healthCheckId: ownId }) => ({ record: id, node, ownId })));

function stateOf(record: string, node: string, { HealthCheckVersion, HealthCheckConfig }: HealthCheck): SwitchState {
  const isOut = HealthCheckConfig?.Disabled === true && HealthCheckConfig.Inverted === true;
  return { record, node, inService: !isOut, version: HealthCheckVersion ?? 0 };
}
