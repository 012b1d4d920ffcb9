import { readText } from '@arcface/files'
import { type Pack, packParser, registry } from '@arcface/vision'
import { RecognizeError } from '../errors.js'

/** A pack that a file of JSON describes. @throws RecognizeError RECOGNIZE_PACK; FilesError FILES_READ */
export async function readPack(path: string): Promise<Pack> {
  const text = readText(path)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const message = `${path} describes no model pack: no JSON (${(cause as Error).message})`
    throw new RecognizeError('RECOGNIZE_PACK', message, { cause })
  }
  return parsePack(value, path)
}

/** @throws RecognizeError RECOGNIZE_PACK, naming what is wrong */
export const parsePack: (value: unknown, name: string) => Pack = packParser(
  (message, cause) => new RecognizeError('RECOGNIZE_PACK', message, { cause }),
)

/** A pack of the list. @throws RecognizeError RECOGNIZE_PACK, naming those that are known */
export function findPack(name: string): Pack {
  const found = registry.find((pack) => pack.name === name)
  if (found) return found
  throw new RecognizeError(
    'RECOGNIZE_PACK',
    `no model pack is called ${name}; known are ${registry.map((pack) => pack.name).join(', ')}`,
  )
}
