import { existsSync } from 'node:fs';

/** What a configuration is called when nobody names one. */
export const DEFAULT_FILES = ['quorumwatch.config.ts', 'quorumwatch.config.yaml', 'quorumwatch.config.json'] as const;

/** The configuration of the working directory, if it has one by its usual name. */
export const defaultFile = (): string | undefined => DEFAULT_FILES.find((each) => existsSync(each));
