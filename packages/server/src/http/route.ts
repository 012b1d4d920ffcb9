/** What a key may be allowed; each is on its own. */
export const SCOPES = ['read', 'identify', 'enroll', 'delete', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/**
 * What a request costs: a photograph is looked at, embeddings are searched, a large file is taken, or much less than any
 * of these. What costs nothing is answered in every case, also by a server that is full or stops.
 */
export type Work = 'photo' | 'search' | 'upload' | 'little' | 'none'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the key has to allow. Below /v1 and /api each route has to say it; any: whatever it allows; public: nobody needs a key. */
    scope?: Scope | 'any' | 'public'
    /** Where the key stands. Default: the header x-api-key, or Authorization: Bearer. */
    keyOf?: (request: import('fastify').FastifyRequest) => string | undefined
    /** Default: little. */
    work?: Work
  }
}
