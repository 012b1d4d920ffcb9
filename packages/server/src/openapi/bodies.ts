import type { PictureParts } from '../http/pictures.js'

const binary = { type: 'string', format: 'binary' }
const base64 = { type: 'string', contentEncoding: 'base64', description: "A photograph's file" }

/** How OpenAPI describes a body with photographs. */
export function bodyOf({ names, many = false }: PictureParts) {
  const last = names.at(-1)!
  const each = <T>(one: T, several: unknown) =>
    Object.fromEntries(names.map((name) => [name, many && name === last ? several : one]))
  const form = each(binary, { type: 'array', items: binary, minItems: 1 })
  const single = { type: 'object', properties: each(base64, base64), required: names }
  const several = {
    type: 'object',
    properties: { [`${last}s`]: { type: 'array', items: base64, minItems: 1 } },
    required: [`${last}s`],
  }
  const json = { ...single, additionalProperties: false }
  return {
    content: {
      'multipart/form-data': { schema: { type: 'object', properties: form, required: names } },
      'application/json': {
        schema: many ? { oneOf: [json, { ...several, additionalProperties: false }] } : json,
      },
      ...(names.length === 1 && {
        'image/jpeg': { schema: binary },
        'application/octet-stream': { schema: binary },
      }),
    },
  }
}

/** And one that is a file. */
export const fileBody = (types: readonly string[]) => ({
  content: Object.fromEntries(types.map((type) => [type, { schema: binary }])),
})
