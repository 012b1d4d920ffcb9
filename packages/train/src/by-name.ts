import { didYouMean } from '@arcface/vision'
import { z } from 'zod'

/** A thing that a configuration chooses by `name`, and the keys that it takes. */
export interface Choice {
  name: string
  schema: z.ZodObject
}

/** What a configuration says of the chosen thing. */
export type Chosen<Common> = { name: string } & Common & Record<string, unknown>

/**
 * A schema for `{ name, ...options }` where the name decides the options, beside those of `common`. A name or key
 * that is not known is refused with the nearest one that is.
 */
export function chooseByName<Common extends z.ZodRawShape>(
  what: string,
  bare: readonly Choice[],
  common: Common,
) {
  const choices = bare.map(({ name, schema }) => ({ name, schema: schema.extend(common) }))
  const names = choices.map(({ name }) => name)
  return z
    .looseObject({ name: z.string() })
    .transform((value, context): Chosen<z.output<z.ZodObject<Common>>> => {
      const choice = choices.find(({ name }) => name === value.name)
      if (!choice) {
        context.issues.push({
          code: 'custom',
          path: ['name'],
          input: value,
          message: `no ${what} named "${value.name}"${didYouMean(value.name, names)}`,
        })
        return z.NEVER
      }
      const parsed = choice.schema.safeParse(value)
      if (parsed.success) return parsed.data as Chosen<z.output<z.ZodObject<Common>>>
      for (const issue of parsed.error.issues)
        context.issues.push({
          code: 'custom',
          path: [...issue.path],
          input: value,
          message:
            issue.code === 'unrecognized_keys'
              ? unknownKeys(issue.keys, Object.keys(choice.schema.shape), choice.name)
              : issue.message,
        })
      return z.NEVER
    })
}

const unknownKeys = (keys: readonly string[], known: readonly string[], name: string): string =>
  keys.map((key) => `${name} has no key ${key}${didYouMean(key, known)}`).join('; ')
