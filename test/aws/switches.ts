/** What CloudFormation makes of the records' template, on loopback. */
import { resourcesOf, type Synthesis, templateOf } from '../cdk/synthesis.ts';
import type { AlarmRequest } from '../fakes/alarm-state.ts';
import type { FakeAws } from '../fakes/aws.ts';

interface Tag {
  Key: string;
  Value: string;
}

/** The alarms of the switches, and the health checks that are there already by their tags: from now on each follows what its template says. */
export function deploySwitches({ cloudWatch, route53 }: FakeAws, synthesis: Synthesis): void {
  const template = templateOf(synthesis, 'Records');
  const region = synthesis.places.Records?.region ?? '';
  for (const [, { Properties }] of resourcesOf(template, 'AWS::CloudWatch::Alarm'))
    cloudWatch.putAlarm(region, Properties as AlarmRequest);
  for (const check of route53.checks.values()) {
    const isOf = (tags: Tag[] = []) =>
      Object.entries(check.tags).every(([key, value]) => tags.some((tag) => tag.Key === key && tag.Value === value));
    const found = resourcesOf(template, 'AWS::Route53::HealthCheck').filter(([, { Properties }]) =>
      isOf(Properties.HealthCheckTags),
    );
    const [[, made] = []] = found;
    if (!made || found.length > 1) throw new Error(`${found.length} health checks have the tags ${JSON.stringify(check.tags)}`);
    const { AlarmIdentifier, InsufficientDataHealthStatus } = made.Properties.HealthCheckConfig;
    check.alarm = AlarmIdentifier.Name;
    check.alarmRegion = AlarmIdentifier.Region;
    check.onInsufficientData = InsufficientDataHealthStatus;
  }
}
