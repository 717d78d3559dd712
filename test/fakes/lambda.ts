import type { AwsAnswer, AwsRequest, FakeService } from './aws.ts';

export interface AccountLimit {
  concurrent: number;
  unreserved: number;
}

/** Lambda developer guide, "Lambda quotas": 1,000 concurrent executions, a new account can have as few as 10. */
const DEFAULT: AccountLimit = { concurrent: 1_000, unreserved: 1_000 };

/** Lambda (REST JSON): what an account may run in each region. */
export function createLambda(): FakeService & { limits: Map<string, AccountLimit> } {
  const limits = new Map<string, AccountLimit>();
  return {
    limits,
    needOf: () => ({ operation: 'GetAccountSettings', action: 'lambda:GetAccountSettings', resources: ['*'] }),
    answer({ region, url }: AwsRequest): AwsAnswer {
      const isKnown = /^\/2016-08-19\/account-settings\/?$/.test(url.pathname);
      const { concurrent, unreserved } = limits.get(region) ?? DEFAULT;
      const AccountLimit = { ConcurrentExecutions: concurrent, UnreservedConcurrentExecutions: unreserved };
      return { status: isKnown ? 200 : 404, type: 'application/x-amz-json-1.1', body: JSON.stringify({ AccountLimit }) };
    },
  };
}
