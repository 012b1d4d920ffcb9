/** `a, b, c and 4 more`: the first of many names, for a message. */
export const firstNames = (names: readonly string[], most = 3): string =>
  `${names.slice(0, most).join(', ')}${names.length > most ? ` and ${names.length - most} more` : ''}`
