import { main } from '../../lib/cli/main.ts';

/** A command line as somebody types it, in this process. */
export async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const { signal } = new AbortController();
  const code = await main(argv, {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    signal,
  });
  return { code, out: out.join(''), err: err.join('') };
}
