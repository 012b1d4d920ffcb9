/** Of a gallery without one of its own. */
const NAME = 'people'

/** Of the database, and of the channel on which tabs tell each other. */
export const databaseName = (name = NAME): string => `arcface-gallery-${name}`

/** What messages call it. */
export const whereOf = (name = NAME): string => `the gallery ${JSON.stringify(name)}`
