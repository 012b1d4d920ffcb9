import { statSync } from 'node:fs'
import { extname } from 'node:path'
import { printable, writeOut } from '../terminal/printable.js'
import { countWeights, isWeights, readWeights } from './data-weights.js'

interface Options {
  images?: string
  json?: boolean
}

/** Rows to print, and the same for JSON. */
type Facts = Record<string, string | number | readonly unknown[]>

export async function info(path: string, { images, json }: Options): Promise<void> {
  const facts: Facts = isWeights(extname(path).toLowerCase())
    ? await ofWeights(path)
    : { ...(await import('@arcface/data')).describeData(path, images) }
  if (json) {
    writeOut(`${JSON.stringify({ path, ...facts })}\n`)
    return
  }
  // In one piece, for whoever pipes it into `head`.
  writeOut(
    Object.entries(facts)
      .flatMap(([name, value]) =>
        Array.isArray(value)
          ? value.map((one) => `  ${line(one)}\n`)
          : [`${name.padEnd(24)}${printable(value)}\n`],
      )
      .join(''),
  )
}

const line = (value: unknown) =>
  typeof value === 'object' && value !== null
    ? Object.values(value).flat().map(printable).join(' ')
    : printable(value)

async function ofWeights(path: string): Promise<Facts> {
  const weights = await readWeights(path)
  return {
    ...countWeights(weights),
    bytes: statSync(path).size,
    list: [...weights].map(([name, { dtype, shape }]) => ({ name, dtype, shape: `[${shape}]` })),
  }
}
