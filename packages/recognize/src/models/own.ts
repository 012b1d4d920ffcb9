import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { digestOf } from '@arcface/files'
import type { PreprocessingInput } from '@arcface/onnx'
import { type Pack, registry } from '@arcface/vision'
import { openEmbedder } from '../embedder/open.js'
import { RecognizeError } from '../errors.js'
import { parsePack } from './pack.js'

export interface OwnPackOptions {
  /** What the pack is called from then on. */
  readonly name: string
  /** What whoever uses the model has to keep to. Default: not stated, and so not for commercial use. */
  readonly licence?: { readonly name: string; readonly url?: string; readonly commercial: boolean }
  /** How pixels go into a model of others: each value replaces that of a file beside it, or of InsightFace's rule. */
  readonly preprocessing?: PreprocessingInput | undefined
}

/**
 * An embedder of one's own, an ONNX file, as a pack: `pullPack` installs it under its name. It is opened, so that what
 * is no embedder is refused here; how pixels go into a model of others is taken over from what stands beside it.
 * @throws RecognizeError RECOGNIZE_PACK for a name that is no good or taken by the list; as `openEmbedder`
 */
export async function ownPack(
  file: string,
  { name, licence, preprocessing }: OwnPackOptions,
): Promise<Pack> {
  if (registry.some((pack) => pack.name === name))
    throw new RecognizeError('RECOGNIZE_PACK', `${name} is the name of a pack of the list`, {
      hint: 'Give it another name.',
    })
  const embedder = await openEmbedder(file, { preprocessing })
  await embedder.close()
  const path = resolve(file)
  const own = basename(path)
  const inside = /^[A-Za-z\d][\w.-]{0,90}\.onnx$/.test(own) ? own : 'embedder.onnx'
  const checksum = `sha256:${await digestOf(path, 'sha256')}`
  return parsePack(
    {
      name,
      title: `${embedder.metadata?.backbone ?? own}, ${embedder.dim}-d, of ${own}`,
      licence: { url: pathToFileURL(path).href, name: 'not stated', commercial: false, ...licence },
      downloads: [
        {
          format: 'onnx',
          sources: [{ kind: 'file', path }],
          checksum,
          files: [{ name: inside, checksum }],
        },
      ],
      embedder: {
        file: inside,
        ...(embedder.metadata === undefined && { preprocessing: embedder.preprocessing }),
      },
    },
    `the pack of ${file}`,
  )
}
