import { useMutation } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import { api, data, type Schema } from '../../api/client.js'
import { useNumbers, useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field } from '../../ui/field.js'
import { Facts, Tag } from '../../ui/page.js'
import { Notice, Problem } from '../../ui/problem.js'
import './audit.css'
import { hashesIn } from './filter.js'
import { words } from './words.js'

/** Whether the log is as it was written. */
export function Check({ onClose }: { onClose(): void }) {
  const t = useWords(words)
  const [text, setText] = useState('')
  const hashes = hashesIn(text)
  const check = useMutation({
    mutationFn: (expect: string[]) =>
      data(api.GET('/v1/audit/chains', { params: { query: { expect } } })),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (hashes) check.mutate(hashes)
  }
  const found = check.data
  return (
    <Dialog open onClose={onClose} title={t.verify} wide="52rem">
      <p>{t.verifyTold}</p>
      <form className="stack" onSubmit={submit}>
        <Field label={t.expect} told={t.expectTold} wrong={!hashes && t.expectWrong}>
          {(described) => (
            <textarea
              className="input"
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.target.value)}
              {...described}
            />
          )}
        </Field>
        <div>
          <Button kind="main" type="submit" disabled={!hashes || check.isPending}>
            {t.check}
          </Button>
        </div>
      </form>
      {check.isPending && <p role="status">{t.checking}</p>}
      {check.error && <Problem error={check.error} />}
      {found && (
        <>
          <Notice {...(!found.good && { kind: 'bad' })}>
            <strong>{found.good ? t.good : t.bad}</strong>
            {found.missing.map((hash) => (
              <span key={hash} className="audit-hash">
                {t.missing(hash)}
              </span>
            ))}
          </Notice>
          {found.chains.map((chain) => (
            <Chain key={chain.chain} chain={chain} />
          ))}
        </>
      )}
    </Dialog>
  )
}

function Chain({ chain }: { chain: Schema<'AuditChain'> }) {
  const t = useWords(words)
  const { count, date } = useNumbers()
  const { problem } = chain
  const head = <code className="audit-hash">{chain.head}</code>
  const facts: [string, ReactNode][] = [
    [
      t.chain,
      <>
        <code>{chain.chain}</code>{' '}
        <Tag kind={problem ? 'bad' : 'good'}>{problem ? t.badOne : t.goodOne}</Tag>
      </>,
    ],
    [t.lines, count(chain.lines)],
    [t.from, chain.from === null ? '–' : date(chain.from)],
    [t.to, chain.to === null ? '–' : date(chain.to)],
    [t.head, head],
  ]
  return (
    <section className="card stack">
      <Facts facts={facts} />
      {problem && <p role="alert">{t.problem(problem.file, count(problem.line), problem.why)}</p>}
    </section>
  )
}
