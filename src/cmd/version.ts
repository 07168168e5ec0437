import packageJson from '../../package.json' with { type: 'json' };

/** The version of the program, as `grantor --version` and the user agent say it. */
export const { version } = packageJson;
