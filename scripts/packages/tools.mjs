// Two tools of others that know what goes wrong in packages. Each has to be silent.
import { readFileSync } from 'node:fs'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

/** Of packages of ES modules alone (the tool's profile esm-only): resolvers of before Node 16, and `require` before 22.12. */
const IGNORED = ['node10', 'node16-cjs']

/** @returns {Promise<string[]>} what they say */
export async function toolTroubles({ tarball, manifest }) {
  const bytes = new Uint8Array(readFileSync(tarball))
  const { messages } = await publint({ pack: { tarball: bytes.buffer }, strict: true })
  const { types, problems = [] } = await checkPackage(createPackageFromTarballData(bytes))
  return [
    ...messages.map((one) => `publint: ${formatMessage(one, manifest, { color: false })}`),
    ...(types ? [] : ['arethetypeswrong: it has no types']),
    ...problems
      .filter(({ resolutionKind }) => !IGNORED.includes(resolutionKind))
      .map((problem) => `arethetypeswrong: ${JSON.stringify(problem)}`),
  ]
}
