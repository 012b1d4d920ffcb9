import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, data } from '../../api/client.js'
import { useNumbers, useWords } from '../../language/language.js'
import { useSession, useSignIn } from '../../session/session.js'
import { Button } from '../../ui/button.js'
import { CommandLine } from '../../ui/command.js'
import { ConfirmDialog, Dialog } from '../../ui/dialog.js'
import { Page, Tag } from '../../ui/page.js'
import { Empty, Loaded } from '../../ui/problem.js'
import { type Column, DataTable } from '../../ui/table.js'
import { useTell } from '../../ui/toasts.js'
import { type Draft, isLastKeeper, type Key, showsAll, wantedOf } from './keys.js'
import './keys.css'
import { NewKey } from './new-key.js'
import { words } from './words.js'

/** Who may ask this server. */
export default function Keys() {
  const t = useWords(words)
  const queries = useQueryClient()
  const { signIn } = useSignIn()
  const isFirst = useSession().data?.needed === false
  const keys = useQuery({ queryKey: ['keys'], queryFn: () => data(api.GET('/v1/keys')) })
  const [isAdding, setAdding] = useState(false)
  const [secret, setSecret] = useState<string | null>(null)
  const [revoked, setRevoked] = useState<Key | null>(null)
  const make = async (draft: Draft) => {
    const made = await data(api.POST('/v1/keys', { body: wantedOf(draft) }))
    setAdding(false)
    setSecret(made.secret)
    // From now on nothing is answered without a key.
    if (isFirst) await signIn(made.secret)
    await queries.invalidateQueries({ queryKey: ['keys'] })
  }
  return (
    <Page
      title={t.title}
      told={t.told}
      actions={
        <Button kind="main" onClick={() => setAdding(true)}>
          {t.add}
        </Button>
      }
    >
      <Loaded query={keys}>
        {({ keys }) => (
          <>
            {keys.length === 0 ? (
              <Empty>{t.none}</Empty>
            ) : (
              <Table keys={keys} onRevoke={setRevoked} />
            )}
            {revoked && <Revoke one={revoked} keys={keys} onClose={() => setRevoked(null)} />}
          </>
        )}
      </Loaded>
      {isAdding && <NewKey isFirst={isFirst} onMake={make} onClose={() => setAdding(false)} />}
      {secret !== null && (
        <Dialog open onClose={() => setSecret(null)} title={t.secretTitle}>
          <p>{t.secretTold}</p>
          <CommandLine command={[secret]} />
          <div>
            <Button onClick={() => setSecret(null)}>{t.stored}</Button>
          </div>
        </Dialog>
      )}
    </Page>
  )
}

const KINDS = { good: 'good', expired: 'warn', revoked: 'bad' } as const

function Table({ keys, onRevoke }: { keys: readonly Key[]; onRevoke(key: Key): void }) {
  const t = useWords(words)
  const { date, count } = useNumbers()
  const own = useSession().data?.key?.id
  const columns: Column<Key>[] = [
    {
      ...{ id: 'name', header: t.name, value: (one) => one.name },
      cell: (one) => (
        <>
          <bdi>{one.name}</bdi> {one.id === own && <Tag kind="accent">{t.own}</Tag>}
        </>
      ),
    },
    { id: 'id', header: t.id, value: (one) => one.id, cell: (one) => <code>{one.id}</code> },
    {
      ...{ id: 'state', header: t.state, value: (one) => one.state },
      cell: (one) => <Tag kind={KINDS[one.state]}>{t[one.state]}</Tag>,
    },
    {
      ...{ id: 'scopes', header: t.scopes },
      cell: ({ scopes, scores, rate }) => (
        <div className="keys-allowed">
          {scopes.map((scope) => t[scope]).join(', ')}
          {scores && !showsAll(scopes) && <div className="muted">{t.withScores}</div>}
          {rate !== null && <div className="muted">{t.rateOf(count(rate))}</div>}
        </div>
      ),
    },
    {
      ...{ id: 'galleries', header: t.galleries },
      cell: ({ galleries }) => <bdi>{galleries?.join(', ') ?? t.all}</bdi>,
    },
    {
      ...{ id: 'created', header: t.created, value: (one) => one.created },
      cell: (one) => date(one.created),
    },
    {
      ...{ id: 'expires', header: t.expires, value: (one) => one.expires },
      cell: ({ expires }) => (expires === null ? t.never : date(expires)),
    },
    {
      ...{ id: 'revoke', header: '' },
      cell: (one) =>
        one.state !== 'revoked' && (
          <Button kind="danger" aria-label={t.revokeOne(one.name)} onClick={() => onRevoke(one)}>
            {t.revoke}
          </Button>
        ),
    },
  ]
  return (
    <DataTable
      rows={keys}
      columns={columns}
      keyOf={(one) => one.id}
      label={t.table}
      sorted={{ id: 'created', desc: true }}
    />
  )
}

function Revoke({ one, keys, onClose }: { one: Key; keys: readonly Key[]; onClose(): void }) {
  const t = useWords(words)
  const tell = useTell()
  const queries = useQueryClient()
  const isOwn = useSession().data?.key?.id === one.id
  const revoke = async () => {
    await data(api.DELETE('/v1/keys/{key}', { params: { path: { key: one.id } } }))
    tell(t.revokedNow(one.name))
    await queries.invalidateQueries({ queryKey: [isOwn ? 'session' : 'keys'] })
  }
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={t.revokeTitle}
      action={t.revoke}
      onConfirm={revoke}
    >
      <p>
        <strong>
          <bdi>{one.name}</bdi>
        </strong>{' '}
        <code>{one.id}</code>
      </p>
      <p>{t.revokeSays}</p>
      {isOwn && <p>{t.revokeOwn}</p>}
      {isLastKeeper(one, keys) && <p>{t.revokeLast}</p>}
    </ConfirmDialog>
  )
}
