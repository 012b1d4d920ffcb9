import { explainIssues } from '@arcface/files'
import { didYouMean } from '@arcface/vision'
import type { FastifySchemaCompiler } from 'fastify'
import type { z } from 'zod'
import { ServerError } from '../errors.js'

const PARTS: Readonly<Record<string, string>> = { querystring: 'query', params: 'address' }

/** Holds a part of a request to its schema; of an unknown key it says which one was meant. */
export const validate: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart = '' }) => {
  const part = PARTS[httpPart] ?? httpPart
  return (data) => {
    const { success, data: value, error } = schema.safeParse(data)
    if (success) return { value }
    const why = explainIssues(error.issues, schema, didYouMean)
    return { error: new ServerError('SERVER_REQUEST', `${part}: ${why}`) }
  }
}
