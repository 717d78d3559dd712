import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Cell } from '../core/cell.ts';
import type { Page } from '../core/ledger.ts';
import type { Message } from '../core/messages.ts';
import type { Pager } from '../ports.ts';
import { lineOf, withinMs } from './limits.ts';
import { topicArn, topicName } from './names.ts';
import { emailText, pageDocument } from './page-texts.ts';

/** Of one region: two of them fit well into an act's time. */
const PUBLISH_TIMEOUT_MS = 1_500;

export interface SnsOptions {
  cell: Pick<Cell, 'name' | 'paging'>;
  account: string;
  clientOf: (region: string) => SNSClient;
}

/**
 * Pages people by SNS topics: the first region's, and the next one's when that fails or does not answer in time. A region that
 * took the page and lost its answer makes it arrive twice, which is better than not at all. Where nobody is configured, the status
 * page alone shows pages.
 */
export function createPager({ cell, account, clientOf }: SnsOptions): Pager {
  const { name, paging } = cell;
  return {
    async publish(page, message) {
      if (!paging.configured) return;
      const list = page.quiet ? 'quiet' : 'tiers';
      if (!paging[list][page.tier - 1])
        throw new Error(`${list} has no tier ${page.tier} (${paging[list].length} are configured)`);
      // That pages do not arrive is said in every region: who is deaf in one may hear in another.
      const wanted = page.state === 'unheard' ? paging.regions.length : 1;
      let taken = 0;
      const errors: string[] = [];
      for (const region of paging.regions) {
        try {
          const TopicArn = topicArn(region, account, topicName(name, list, page.tier));
          const input = { TopicArn, ...textsOf(cell, page, message) };
          await clientOf(region).send(new PublishCommand(input), withinMs(PUBLISH_TIMEOUT_MS));
          taken += 1;
          if (taken === wanted) return;
        } catch (error) {
          errors.push(`SNS in ${region}: ${lineOf(error)}`);
        }
      }
      if (taken === 0) throw new Error(errors.join('; '));
    },
  };
}

/**
 * Each protocol its own text (SNS API reference, Publish: MessageStructure `json` needs `default`; a subject is ASCII, begins with
 * a letter, digit or punctuation, has no line break and at most 100 characters).
 */
function textsOf({ name, paging }: SnsOptions['cell'], page: Page, message: Message) {
  const document = JSON.stringify(pageDocument(name, page, message));
  return {
    Subject: message.subject,
    MessageStructure: 'json',
    Message: JSON.stringify({
      default: message.text,
      sms: message.text,
      email: emailText(name, page, message, paging.timezone),
      http: document,
      https: document,
    }),
    // Unless told otherwise, SNS takes text messages for advertising (SNS developer guide, "Publishing SMS messages": SMSType).
    MessageAttributes: { 'AWS.SNS.SMS.SMSType': { DataType: 'String', StringValue: 'Transactional' } },
  };
}
