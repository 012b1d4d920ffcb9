/** As a shell takes it, whatever it is. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** An argument as a person types it for a shell. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text)
