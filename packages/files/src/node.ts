import { FilesError } from './errors.js'

/** `engines` of the packages, as npm only warns of it. */
const NEEDED = '20.15'

/** @throws FilesError FILES_NODE, where this Node is older than the packages need */
export function checkNode(version: string): void {
  const [major, minor] = version.split('.').map(Number) as [number, number]
  const [neededMajor, neededMinor] = NEEDED.split('.').map(Number) as [number, number]
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return
  throw new FilesError('FILES_NODE', `Node ${NEEDED} or newer is needed, this is ${version}`, {
    hint: 'Install a newer one: https://nodejs.org/en/download',
  })
}

// Before anything else of the rooms is run: without it an older Node stops at the first function that it does not have.
checkNode(process.versions.node)
