import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Page } from '../core/ledger.ts';
import type { Message } from '../core/messages.ts';
import type { Pager } from '../ports.ts';
import { lineOf, withinMs } from './limits.ts';
import { emailText, pageDocument } from './page-texts.ts';

/** Of one region: two of them fit well into an act's time. */
const PUBLISH_TIMEOUT_MS = 1_500;

export interface SnsOptions {
  cell: string;
  /** By tier; of each tier in the order of `paging.regions`. Empty: nobody is configured, the status page alone shows pages. */
  topics: readonly (readonly string[])[];
  clientOf: (region: string) => SNSClient;
  linkOf: (incident: string) => string;
}

/**
 * Pages people by SNS topics: the first region's, and the next one's when that fails or does not answer in time. A region that
 * took the page and lost its answer makes it arrive twice, which is better than not at all.
 */
export function createPager({ cell, topics, clientOf, linkOf }: SnsOptions): Pager {
  return {
    async publish(page, message) {
      if (topics.length === 0) return;
      const arns = topics[page.tier - 1];
      if (!arns) throw new Error(`tier ${page.tier} has no topic (deploy anew: ${topics.length} are known)`);
      // That pages do not arrive is said in every region: who is deaf in one may hear in another.
      const wanted = page.state === 'unheard' ? arns.length : 1;
      let taken = 0;
      const errors: string[] = [];
      for (const TopicArn of arns) {
        const region = regionOf(TopicArn);
        try {
          const input = { TopicArn, ...textsOf(cell, page, message, linkOf(page.incident)) };
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
function textsOf(cell: string, page: Page, message: Message, link: string) {
  const document = JSON.stringify(pageDocument(cell, page, message, link));
  return {
    Subject: message.subject,
    MessageStructure: 'json',
    Message: JSON.stringify({
      default: message.text,
      sms: message.text,
      email: emailText(cell, page, message, link),
      http: document,
      https: document,
    }),
    // Unless told otherwise, SNS takes text messages for advertising (SNS developer guide, "Publishing SMS messages": SMSType).
    MessageAttributes: { 'AWS.SNS.SMS.SMSType': { DataType: 'String', StringValue: 'Transactional' } },
  };
}

/** `arn:aws:sns:<region>:<account>:<name>` */
const regionOf = (arn: string): string => arn.split(':')[3] ?? '';
