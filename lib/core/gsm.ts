/** The alphabet of text messages (3GPP TS 23.038, 6.2.1): a single part holds 160 septets, characters of the extension table take two. */

export const SMS_SEPTETS = 160;
const BASIC = /[@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]/;
const EXTENDED = /[\^{}\\[~\]|€]/;

/** What people's keyboards and servers write for what GSM has, too. */
const ALIKE: Readonly<Record<string, string>> = {
  '“': '"',
  '”': '"',
  '„': '"',
  '‘': "'",
  '’': "'",
  '–': '-',
  '—': '-',
  '…': '...',
  '→': '->',
};

/** What GSM cannot say becomes `?`, an accent is dropped: one such character would halve the room. */
export const gsm = (text: string): string => [...text].map(spell).join('');

function spell(char: string): string {
  if (BASIC.test(char) || EXTENDED.test(char)) return char;
  const alike = ALIKE[char];
  if (alike !== undefined) return alike;
  const plain = char.normalize('NFD').charAt(0);
  return BASIC.test(plain) ? plain : '?';
}

export const septets = (text: string): number => [...text].reduce((sum, char) => sum + (EXTENDED.test(char) ? 2 : 1), 0);

/** Cut to this many septets, with two dots where something is missing. */
export function shorten(text: string, room: number): string {
  if (septets(text) <= room) return text;
  let short = text;
  while (short && septets(short) > room - 2) short = short.slice(0, -1);
  return short && `${short.trimEnd()}..`;
}
