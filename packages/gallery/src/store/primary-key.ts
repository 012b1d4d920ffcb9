/** What marks a column as the key, as Lance writes it into the schema. */
export const PRIMARY_KEY = 'lance-schema:unenforced-primary-key'
