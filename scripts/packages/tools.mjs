// Two tools of others that know what goes wrong in packages. Each has to be silent.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const run = promisify(execFile)
const require = createRequire(import.meta.url)
const attw = join(dirname(require.resolve('@arethetypeswrong/cli/package.json')), 'dist/index.js')

/** @returns {Promise<string[]>} what they say */
export async function toolTroubles({ tarball, manifest }) {
  const { buffer, byteOffset, byteLength } = readFileSync(tarball)
  const { messages, pkg } = await publint({
    pack: { tarball: buffer.slice(byteOffset, byteOffset + byteLength) },
    strict: true,
  })
  const said = messages.map(
    (message) => `publint: ${formatMessage(message, pkg ?? manifest, { color: false })}`,
  )
  try {
    await run(process.execPath, [
      attw,
      tarball,
      '--profile',
      'esm-only',
      '--format',
      'ascii',
      '--no-emoji',
    ])
  } catch ({ stdout, stderr }) {
    said.push(`arethetypeswrong: ${stdout}${stderr}`)
  }
  return said
}
