import { loadConfig, type RunningServer, startServer } from '@arcface/server'
import { connect } from '@arcface/server/client'

const server: RunningServer = await startServer(loadConfig({ overrides: ['port=0'] }))
const client = connect({ url: server.url, key: 'a key' })
const { data, error } = await client.POST('/v1/verify', {
  params: { query: { far: 0.001 } },
  body: { a: new Blob(), b: new Blob() },
})
const same: boolean | null | undefined = data?.same
const code: string | undefined = error?.code
// @ts-expect-error: there is no such route
await client.POST('/v1/guess')
console.log(same, code)
