import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Provenance } from '@arcface/evaluate/run'

/** What a report says of how its figures came to be. */
export async function provenanceOf(model: string): Promise<Provenance> {
  const { isRun, resolveModel } = await import('@arcface/recognize')
  if (!isRun(model)) return provenanceOfFile(model, (await resolveModel(model)).path)
  const { findCheckpoint, weightsFile } = await import('@arcface/train')
  const { torchVersion } = await import('@arcface/libtorch')
  const known = await provenanceOfFile(model, weightsFile(findCheckpoint(model, 'best')))
  return { ...known, versions: [['libtorch', torchVersion], ...known.versions] }
}

/** The same of a network whose file is known. */
export async function provenanceOfFile(model: string, weights: string): Promise<Provenance> {
  const { runtimePackage } = await import('@arcface/recognize')
  const versions = [runtimePackage(), 'sharp'].map((name) => [name, versionOf(name)] as const)
  return { model, weights, versions, command: commandLine() }
}

/** Read from its package.json, which packages need not export. */
function versionOf(name: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? []
  const file = folders.map((folder) => join(folder, name, 'package.json')).find(existsSync)
  if (file === undefined) return '?'
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

/** The command as it was given, to be run again. */
const commandLine = (): string =>
  ['arcface', ...process.argv.slice(2)]
    .map((word) => (/^[\w./:=,@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ')
