import type { AwsAnswer } from './aws.ts';

/** The account that everything belongs to. */
export const ACCOUNT = '123456789012';

/** How the services write answers and errors. */

/** AWS JSON 1.0 and 1.1 (Smithy specification, "AWS JSON 1.0 protocol": the error's name is in `__type`). */
export const json = (version: '1.0' | '1.1') => ({
  ok: (body: object): AwsAnswer => ({ status: 200, type: `application/x-amz-json-${version}`, body: JSON.stringify(body) }),
  error: (code: string, message: string, status = 400): AwsAnswer => ({
    status,
    type: `application/x-amz-json-${version}`,
    body: JSON.stringify({ __type: code, message }),
  }),
});

/** AWS query and REST XML (Smithy specification, "AWS query protocol" and "AWS restXml protocol", operation errors). */
export const xml = (namespace: string) => ({
  ok: (root: string, body: string): AwsAnswer => ({
    status: 200,
    type: 'text/xml',
    body: `<?xml version="1.0"?><${root} xmlns="${namespace}">${body}</${root}>`,
  }),
  error: (code: string, message: string, status = 400): AwsAnswer => ({
    status,
    type: 'text/xml',
    body: `<?xml version="1.0"?><ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type>${element('Code', code)}${element('Message', message)}</Error><RequestId>fake</RequestId></ErrorResponse>`,
  }),
});

export const element = (name: string, value: string | number | boolean): string => `<${name}>${escaped(String(value))}</${name}>`;

/** The texts of all elements of that name, in order: what these services send is flat enough for it. */
export const textsOf = (body: string, name: string): string[] =>
  [...body.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => text);

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
