import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { startStudio } from './studio.js'

it('is a server with a workspace and a key, which may die and come back', async () => {
  const studio = await startStudio({ keys: true })
  try {
    const tasks = () => studio.client.GET('/v1/tasks')
    expect((await tasks()).data).toEqual({ tasks: [] })
    expect((await fetch(`${studio.url}/v1/tasks`)).status).toBe(401)
    await studio.kill()
    await expect(fetch(studio.url)).rejects.toThrow('fetch failed')
    await studio.start()
    expect((await tasks()).data).toEqual({ tasks: [] })
  } finally {
    await studio.close()
  }
  expect(existsSync(studio.workspace)).toBe(false)
})
