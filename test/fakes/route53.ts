import { randomUUID } from 'node:crypto';
import type { AlarmState } from './alarm-state.ts';
import type { AwsAnswer, AwsRequest, FakeService, Need } from './aws.ts';
import { element, textsOf, xml } from './wire.ts';

export interface FakeHealthCheck {
  id: string;
  type: string;
  version: number;
  disabled: boolean;
  inverted: boolean;
  /** Name of the alarm that a CLOUDWATCH_METRIC check follows. */
  alarm: string;
  alarmRegion: string;
  /** What it is while that alarm has too little data (Route 53 API reference, InsufficientDataHealthStatus). */
  onInsufficientData: string;
  tags: Record<string, string>;
}

/** Route 53 developer guide, "Quotas", maximums on API requests: five requests a second an AWS account. */
const REQUESTS_PER_SECOND = 5;
/** Route 53 API reference, ListHealthChecks, MaxItems: at most 100 a page. */
const PAGE_SIZE = 100;
/** Route 53 API reference, ListTagsForResources: up to 10 resources. */
const MAX_TAGGED = 10;

/** Route 53 developer guide, "Quotas": health checks an account, until AWS raises it. */
const HEALTH_CHECKS = 200;

const NEW = {
  type: 'CLOUDWATCH_METRIC',
  version: 1,
  disabled: false,
  inverted: false,
  alarm: '',
  alarmRegion: 'us-east-2',
  onInsufficientData: 'LastKnownStatus',
};

/** How the service could differ from what its documentation says: for tests of what is to notice that. */
export type Untrue = 'flags' | 'versions' | 'updates' | 'alarms' | 'returns' | 'published';

/** States of the alarms that health checks follow. */
export interface Alarms {
  stateOf(region: string, name: string): AlarmState;
  /** The last one for which there was enough data. */
  lastStateOf(region: string, name: string): AlarmState | undefined;
}

/** Route 53's health checks (REST XML). */
export function createRoute53(now: () => number, alarms: Alarms) {
  const { ok, error } = xml('https://route53.amazonaws.com/doc/2013-04-01/');
  const checks = new Map<string, FakeHealthCheck>();
  let recent: number[] = [];
  let pageSize = PAGE_SIZE;
  const untrue = new Set<Untrue>();
  const everOut = new Set<string>();
  const limits = { healthChecks: HEALTH_CHECKS };

  const routes: [operation: string, method: string, path: RegExp, answer: (id: string, request: AwsRequest) => AwsAnswer][] = [
    ['ListHealthChecks', 'GET', /^\/2013-04-01\/healthcheck$/, (_, { url }) => list(url.searchParams.get('marker'))],
    ['GetHealthCheck', 'GET', /^\/2013-04-01\/healthcheck\/([^/]+)$/, (id) => get(id)],
    ['UpdateHealthCheck', 'POST', /^\/2013-04-01\/healthcheck\/([^/]+)$/, (id, { body }) => update(id, body)],
    ['CreateHealthCheck', 'POST', /^\/2013-04-01\/healthcheck$/, (_, { body }) => make(body)],
    ['DeleteHealthCheck', 'DELETE', /^\/2013-04-01\/healthcheck\/([^/]+)$/, (id) => remove(id)],
    ['ChangeTagsForResource', 'POST', /^\/2013-04-01\/tags\/healthcheck\/([^/]+)$/, (id, { body }) => tag(id, body)],
    ['GetAccountLimit', 'GET', /^\/2013-04-01\/accountlimit\/([^/]+)$/, (type) => limitOf(type)],
    ['ListTagsForResources', 'POST', /^\/2013-04-01\/tags\/healthcheck$/, (_, { body }) => tagsOf(body)],
  ];
  const routeOf = ({ method, url }: AwsRequest) => routes.find(([, verb, path]) => verb === method && path.test(url.pathname));

  function list(marker: string | null): AwsAnswer {
    const all = [...checks.values()];
    const from = marker === null ? 0 : all.findIndex(({ id }) => id === marker);
    if (from < 0) return error('InvalidInput', 'marker');
    const next = all[from + pageSize]?.id;
    const page = all
      .slice(from, from + pageSize)
      .map(healthCheckXml)
      .join('');
    const more = `${element('IsTruncated', next !== undefined)}${next === undefined ? '' : element('NextMarker', next)}`;
    return ok('ListHealthChecksResponse', `<HealthChecks>${page}</HealthChecks>${more}${element('MaxItems', pageSize)}`);
  }

  function get(id: string): AwsAnswer {
    const check = checks.get(id);
    return check ? ok('GetHealthCheckResponse', healthCheckXml(check)) : noSuchCheck(id);
  }

  /**
   * HealthCheckVersion "prevents Route 53 from overwriting an intervening update": it is set to 1 at creation and grows by 1 with
   * each update; a request with an older one changes nothing (Route 53 API reference, UpdateHealthCheck).
   */
  function update(id: string, body: string): AwsAnswer {
    const check = checks.get(id);
    if (!check) return noSuchCheck(id);
    const [version] = textsOf(body, 'HealthCheckVersion');
    if (untrue.has('updates')) return error('HealthCheckVersionMismatch', 'never', 409);
    if (version !== undefined && Number(version) !== check.version && !untrue.has('versions')) {
      return error('HealthCheckVersionMismatch', `the version is ${check.version}, not ${version}`, 409);
    }
    const [disabled] = textsOf(body, 'Disabled');
    const [inverted] = textsOf(body, 'Inverted');
    if (disabled !== undefined) check.disabled = disabled === 'true';
    if (inverted !== undefined) check.inverted = inverted === 'true';
    check.version++;
    return ok('UpdateHealthCheckResponse', healthCheckXml(check));
  }

  /** The same CallerReference twice is the same health check (Route 53 API reference, CreateHealthCheck). */
  function make(body: string): AwsAnswer {
    const [id = ''] = textsOf(body, 'CallerReference');
    const [alarm = ''] = textsOf(body, 'Name');
    const [alarmRegion = ''] = textsOf(body, 'Region');
    const [onInsufficientData = ''] = textsOf(body, 'InsufficientDataHealthStatus');
    const [type = ''] = textsOf(body, 'Type');
    if (type === 'CLOUDWATCH_METRIC' && alarm === '') return error('InvalidInput', 'AlarmIdentifier');
    const made = checks.get(id) ?? { ...NEW, id, type, alarm, alarmRegion, onInsufficientData, tags: {} };
    checks.set(id, made);
    return ok('CreateHealthCheckResponse', healthCheckXml(made));
  }

  function remove(id: string): AwsAnswer {
    return checks.delete(id) ? ok('DeleteHealthCheckResponse', '') : noSuchCheck(id);
  }

  function tag(id: string, body: string): AwsAnswer {
    const check = checks.get(id);
    if (!check) return noSuchCheck(id);
    const values = textsOf(body, 'Value');
    for (const [at, key] of textsOf(body, 'Key').entries()) check.tags[key] = values[at] ?? '';
    return ok('ChangeTagsForResourceResponse', '');
  }

  function limitOf(type: string): AwsAnswer {
    if (type !== 'MAX_HEALTH_CHECKS_BY_OWNER') return error('InvalidInput', type);
    const limit = `<Limit>${element('Type', type)}${element('Value', limits.healthChecks)}</Limit>`;
    return ok('GetAccountLimitResponse', `${limit}${element('Count', checks.size)}`);
  }

  /**
   * What Route 53 thinks of a check: a disabled one is healthy, an inverted one the opposite of what it would be, one that follows an
   * alarm is unhealthy while that is in ALARM, and with insufficient data what it is told to be then, as it was for one (Route 53 API
   * reference, UpdateHealthCheck and HealthCheckConfig; it begins healthy).
   */
  function isHealthy(id: string): boolean | undefined {
    const check = checks.get(id);
    if (!check || untrue.has('published')) return undefined;
    const flagged = !untrue.has('flags');
    const followed = untrue.has('alarms') || isQuiet(check);
    const plain = flagged && check.disabled ? true : followed;
    const healthy = flagged && check.inverted ? !plain : plain;
    if (!healthy) everOut.add(id);
    return healthy && !(untrue.has('returns') && everOut.has(id));
  }

  function isQuiet({ alarm, alarmRegion, onInsufficientData }: FakeHealthCheck): boolean {
    const state = alarms.stateOf(alarmRegion, alarm);
    if (state !== 'INSUFFICIENT_DATA') return state === 'OK';
    if (onInsufficientData !== 'LastKnownStatus') return onInsufficientData === 'Healthy';
    return alarms.lastStateOf(alarmRegion, alarm) !== 'ALARM';
  }

  function tagsOf(body: string): AwsAnswer {
    const ids = textsOf(body, 'ResourceId');
    if (ids.length > MAX_TAGGED) return error('InvalidInput', `${ids.length} resources`);
    const missing = ids.find((id) => !checks.has(id));
    if (missing !== undefined) return noSuchCheck(missing);
    const sets = ids.map((id) => {
      const tags = Object.entries(checks.get(id)?.tags ?? {});
      const listed = tags.map(([key, value]) => `<Tag>${element('Key', key)}${element('Value', value)}</Tag>`).join('');
      return `<ResourceTagSet>${element('ResourceType', 'healthcheck')}${element('ResourceId', id)}<Tags>${listed}</Tags></ResourceTagSet>`;
    });
    return ok('ListTagsForResourcesResponse', `<ResourceTagSets>${sets.join('')}</ResourceTagSets>`);
  }

  const noSuchCheck = (id: string): AwsAnswer => error('NoSuchHealthCheck', `No health check exists with the ID: ${id}`, 404);

  /** "Throttling", "Rate exceeded", HTTP 400 (Route 53 API reference, common errors). */
  function isThrottled(): boolean {
    recent = recent.filter((at) => now() - at < 1_000);
    if (recent.length >= REQUESTS_PER_SECOND) return true;
    recent.push(now());
    return false;
  }

  return {
    checks,
    limits,
    untrue,
    isHealthy,
    /** Makes a health check as CloudFormation would. */
    create(given: Partial<FakeHealthCheck> = {}): FakeHealthCheck {
      const check = { ...NEW, id: randomUUID(), tags: {}, ...given };
      checks.set(check.id, check);
      return check;
    },
    /** Somebody else of this account asks for all that may be asked in this second. */
    exhaust: () => {
      recent = Array.from({ length: REQUESTS_PER_SECOND }, now);
    },
    /** Pages become this short. */
    setPageSize: (size: number) => {
      pageSize = size;
    },
    needOf(request: AwsRequest): Need {
      const [operation = '', , path = /$/] = routeOf(request) ?? [];
      const id = path.exec(request.url.pathname)?.[1];
      const ids = id === undefined ? textsOf(request.body, 'ResourceId') : [id];
      const resources = ids.map((each) => `arn:aws:route53:::healthcheck/${each}`);
      return { operation, action: `route53:${operation}`, resources: resources.length > 0 ? resources : ['*'] };
    },
    answer(request: AwsRequest) {
      if (isThrottled()) return error('Throttling', 'Rate exceeded');
      const route = routeOf(request);
      if (!route) return error('InvalidInput', `${request.method} ${request.url.pathname}`);
      return route[3](route[2].exec(request.url.pathname)?.[1] ?? '', request);
    },
  } satisfies FakeService & Record<string, unknown>;
}

function healthCheckXml(check: FakeHealthCheck): string {
  const { id, type, version, disabled, inverted, alarm, alarmRegion, onInsufficientData } = check;
  const flags = `${element('Type', type)}${element('Inverted', inverted)}${element('Disabled', disabled)}`;
  const identifier = `<AlarmIdentifier>${element('Region', alarmRegion)}${element('Name', alarm)}</AlarmIdentifier>`;
  const silent = element('InsufficientDataHealthStatus', onInsufficientData);
  const config = `<HealthCheckConfig>${flags}${alarm === '' ? '' : identifier}${silent}</HealthCheckConfig>`;
  return `<HealthCheck>${element('Id', id)}${element('CallerReference', id)}${config}${element('HealthCheckVersion', version)}</HealthCheck>`;
}
