// A registry that has the packed rooms and nothing else, so that they install by name as they will when they are
// published. Everything else comes from the registry that npm is set to.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

/** @returns {Promise<{setting: string, close(): void}>} the setting is npm's, for the scope of the rooms */
export async function serve(packed) {
  const answers = new Map()
  const server = createServer(({ url }, response) => {
    const answer = answers.get(decodeURIComponent(url))
    response.writeHead(answer ? 200 : 404).end(answer ?? '{}')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${server.address().port}`
  for (const { name, manifest, tarball } of packed) {
    const bytes = readFileSync(tarball)
    const digest = createHash('sha512').update(bytes).digest('base64')
    const path = `/${name}/-/${digest.replaceAll('/', '_')}.tgz`
    const dist = { tarball: `${origin}${encodeURI(path)}`, integrity: `sha512-${digest}` }
    const { version } = manifest
    answers.set(path, bytes)
    answers.set(
      `/${name}`,
      JSON.stringify({
        name,
        'dist-tags': { latest: version },
        versions: { [version]: { ...manifest, dist } },
      }),
    )
  }
  return { setting: `--@arcface:registry=${origin}/`, close: () => server.close() }
}
