import packageJson from '../../package.json' with { type: 'json' };

/** Who asks: in every request, to nodes and proxies. */
export const USER_AGENT = `Quorumwatch/${packageJson.version}`;
