// Publishes all rooms, each after those that it needs: npm run release --dry-run, then npm run release.
// What goes out is packed and checked first. For real only from a clean main whose tag is the version.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackages } from './packages/check.mjs'
import { packAll } from './packages/pack.mjs'
import { ROOT, readJson } from './packages/rooms.mjs'

// npm takes the flag for its own, and hands it on like this.
const dry = process.argv.includes('--dry-run') || process.env.npm_config_dry_run === 'true'
const { version } = readJson(join(ROOT, 'package.json'))
const shell = process.platform === 'win32'
const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()

/** Why this is not what its tag says. */
function reasonsAgainst() {
  const reasons = []
  if (!readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8').includes(`\n## ${version}`))
    reasons.push(`CHANGELOG.md has no section ${version}`)
  if (dry) return reasons
  if (git('status', '--porcelain') !== '') reasons.push('there are changes that are not committed')
  if (git('rev-parse', '--abbrev-ref', 'HEAD') !== 'main') reasons.push('the branch is not main')
  if (!git('tag', '--points-at', 'HEAD').split('\n').includes(`v${version}`))
    reasons.push(`the commit has no tag v${version}`)
  return reasons
}

/** By a release that was interrupted. */
function isPublished(name, version) {
  try {
    const options = { encoding: 'utf8', shell, stdio: ['ignore', 'pipe', 'ignore'] }
    return (
      execFileSync('npm', ['view', `${name}@${version}`, 'version'], options).trim() === version
    )
  } catch {
    return false
  }
}

const folder = mkdtempSync(join(tmpdir(), 'arcface-release-'))
try {
  const reasons = reasonsAgainst()
  for (const reason of reasons) console.error(`error: ${reason}`)
  execFileSync('npx', ['tsc', '-b'], { cwd: ROOT, stdio: 'inherit', shell })
  const { all, packed } = await packAll(folder)
  if (!(await checkPackages(packed)) || reasons.length > 0) process.exitCode = 1
  else
    for (const { name, manifest, tarball } of all) {
      const { version } = manifest
      if (isPublished(name, version)) {
        console.log(`${name} ${version} is published already`)
        continue
      }
      console.log(`${dry ? 'would publish' : 'publishing'} ${name} ${version}`)
      execFileSync(
        'npm',
        [
          'publish',
          tarball,
          '--access',
          'public',
          '--loglevel',
          'error',
          ...(dry ? ['--dry-run'] : []),
        ],
        { cwd: folder, stdio: 'inherit', shell },
      )
    }
} finally {
  rmSync(folder, { recursive: true })
}
