/**
 * What AWS asks for what a monitor uses, and what an account has free. USD, us-east-1; other regions are up to half as much dearer.
 * DynamoDB, Lambda, SQS, Scheduler, health checks, metrics, alarms and dashboards were checked in November 2026, and what is free of
 * CloudWatch (a copy of aws.amazon.com/cloudwatch/pricing). Of logs, secrets and traffic what others say of them was compared in the same
 * month (infracost's price data; hivebook.wiki; wring.co, 2026), not AWS's own pages. Composite alarms, text messages, how often idle
 * queues are asked and what else is free were not: check them where `source` says before you rely on them.
 */
export const PRICES_AS_OF = '2026-11';

export interface Price {
  /** Where it stands. */
  source: string;
  /** What is counted. */
  unit: string;
  /** USD for so many of them. */
  usd: number;
  per: number;
  /** So many are free each month, whatever the account's age, as long as nothing else in it uses them up. */
  free: number;
}

const price = (source: string, unit: string, usd: number, per: number, free = 0): Price => ({ source, unit, usd, per, free });

const MILLION = 1_000_000;
const THOUSAND = 1_000;

export const PRICES = {
  /** A write of up to 1 KB, in each replica. */
  tableWrites: price('DynamoDB pricing, on-demand', 'write', 0.625, MILLION),
  /** A strongly consistent read of up to 4 KB. */
  tableReads: price('DynamoDB pricing, on-demand', 'read', 0.125, MILLION),
  invocations: price('Lambda pricing, requests', 'invocation', 0.2, MILLION, MILLION),
  computing: price('Lambda pricing, Arm', 'GB-second', 0.000_013_333_4, 1, 400_000),
  /** A request of up to 64 KB, empty receives as well. */
  queueRequests: price('SQS pricing, standard queues', 'queue request', 0.4, MILLION, MILLION),
  schedules: price('EventBridge pricing, Scheduler', 'schedule run', 1, MILLION, 14 * MILLION),
  /** Of ten metrics in all and a month; metrics in several regions are several. */
  metrics: price('CloudWatch pricing, custom metrics', 'metric', 0.3, 1, 10),
  metricRequests: price('CloudWatch pricing, API requests', 'metric request', 0.01, THOUSAND, MILLION),
  alarms: price('CloudWatch pricing, standard resolution alarms', 'alarm', 0.1, 1, 10),
  compositeAlarms: price('CloudWatch pricing, composite alarms', 'composite alarm', 0.5, 1),
  dashboards: price('CloudWatch pricing, dashboards', 'dashboard', 3, 1, 3),
  logs: price('CloudWatch pricing, log ingestion', 'GB of log', 0.5, 1, 5),
  /** What is not a health check of an AWS endpoint costs 0.75; the first 50 of AWS endpoints would be free. */
  switches: price('Route 53 pricing, health checks', 'health check', 0.75, 1),
  secrets: price('Secrets Manager pricing, secrets', 'secret', 0.4, 1),
  secretReads: price('Secrets Manager pricing, API calls', 'secret read', 0.05, 10 * THOUSAND),
  /** Answers that come in cost nothing. */
  traffic: price('EC2 pricing, data transfer out to the internet', 'GB sent', 0.09, 1, 100),
} as const satisfies Record<string, Price>;

export type PriceId = keyof typeof PRICES;

/**
 * What one text message costs differs by country, and by what its operators add (SNS pricing, worldwide SMS: well below 0.01 in the
 * US, up to 0.10 and more in Europe): assumed unless somebody says what theirs cost.
 */
export const SMS_USD = 0.08;

/** SNS developer guide, "Requesting increases to your monthly SMS spending quota": a new account may spend this, in each region. */
export const SMS_LIMIT_USD = 1;
