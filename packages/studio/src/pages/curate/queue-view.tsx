import { type Finding, SUSPECT_KINDS, type SuspectsFile } from '@arcface/evaluate'
import { type Dispatch, type SetStateAction, useMemo, useState } from 'react'
import { useNumbers, useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { CheckField, SelectField } from '../../ui/field.js'
import { Empty, Notice } from '../../ui/problem.js'
import { FindingView } from './finding.js'
import { type Deed, useKeys } from './keys.js'
import { MoveDialog } from './move.js'
import {
  type Act,
  canMove,
  decide,
  decided,
  ofKind,
  step,
  suggestionOf,
  undo,
  type Work,
} from './queue.js'
import { words } from './words.js'

const SINGLE_KEYS = 'arcface.curate.keys'

/** One finding after the other, decided by a key each. */
export function Queue({
  suspects,
  people,
  work,
  onWork,
  isCovered,
}: {
  suspects: SuspectsFile
  people: readonly string[]
  work: Work
  onWork: Dispatch<SetStateAction<Work>>
  /** A dialog is over it: keys are not the queue's. */
  isCovered: boolean
}) {
  const t = useWords(words)
  const { count } = useNumbers()
  const { findings } = suspects
  const [kind, setKind] = useState<Finding['kind'] | 'all'>('all')
  const [isMoving, setMoving] = useState(false)
  const [said, setSaid] = useState('')
  const [hasKeys, setKeys] = useState(() => localStorage.getItem(SINGLE_KEYS) !== 'off')
  const shown = useMemo(() => ofKind(findings, kind), [findings, kind])
  const done = useMemo(() => decided(work), [work])
  const at = shown.includes(work.at) ? work.at : (shown.find((one) => one >= work.at) ?? shown[0])
  const finding = at === undefined ? undefined : findings[at]

  const words_ = ({ act, person }: Omit<Act, 'finding'>) =>
    act === 'keep' ? t.didKeep : act === 'drop' ? t.didDrop : t.didMove(person ?? '')
  const take = (act: Omit<Act, 'finding'>) => {
    if (at === undefined) return
    onWork((before) => decide({ ...before, at }, { finding: at, ...act }, shown))
    setSaid(words_(act))
  }
  const go = (by: 1 | -1) =>
    at !== undefined && onWork((before) => step({ ...before, at }, by, shown))
  const takeBack = () => {
    const last = work.acts.at(-1)
    if (!last) return
    if (!shown.includes(last.finding)) setKind('all')
    onWork(undo)
    setSaid(t.didUndo)
  }
  const deeds: Deed[] = [
    {
      key: 'a',
      text: t.accept,
      kind: 'main',
      isOff: !finding,
      run: () => finding && take(suggestionOf(finding)),
    },
    { key: 'k', text: t.keep, isOff: !finding, run: () => take({ act: 'keep' }) },
    { key: 'd', text: t.drop, isOff: !finding, run: () => take({ act: 'drop' }) },
    {
      key: 'm',
      text: finding?.kind === 'one-person' ? t.merge : t.move,
      isOff: !finding || !canMove(finding),
      run: () => setMoving(true),
    },
    { key: 'u', text: t.undo, isOff: work.acts.length === 0, run: takeBack },
    { key: 'n', text: t.next, isOff: !finding, run: () => go(1) },
    { key: 'p', text: t.back, isOff: !finding, run: () => go(-1) },
  ]
  useKeys(hasKeys && !isMoving && !isCovered, deeds)
  if (findings.length === 0) return <Empty>{t.nothing}</Empty>
  const open = shown.filter((one) => !done.has(one)).length
  const own = at === undefined ? undefined : done.get(at)
  return (
    <section className="stack" aria-label={t.queue}>
      <div className="row curate-head">
        <SelectField<Finding['kind'] | 'all'>
          label={t.show}
          value={kind}
          onChange={setKind}
          choices={[
            { value: 'all', label: `${t.all} (${count(findings.length)})` },
            ...SUSPECT_KINDS.map((one) => ({
              value: one,
              label: `${t[`kind_${one}`]} (${count(ofKind(findings, one).length)})`,
            })),
          ]}
        />
        <div className="grow">
          <progress
            aria-label={t.queue}
            value={shown.length - open}
            max={Math.max(1, shown.length)}
          />
          <p className="muted">{t.decided(count(shown.length - open), count(shown.length))}</p>
        </div>
        <CheckField
          label={t.keys}
          value={hasKeys}
          onChange={(value) => {
            setKeys(value)
            localStorage.setItem(SINGLE_KEYS, value ? 'on' : 'off')
          }}
        />
      </div>
      <div className="row curate-deeds" role="toolbar" aria-label={t.actions}>
        {deeds.map(({ key, text, kind, isOff, run }) => (
          <Button
            key={key}
            kind={kind}
            disabled={isOff}
            onClick={run}
            aria-keyshortcuts={hasKeys ? key : undefined}
          >
            {text} {hasKeys && <kbd>{key.toUpperCase()}</kbd>}
          </Button>
        ))}
      </div>
      <p className="hidden-text" aria-live="polite">
        {said}
      </p>
      {open === 0 && shown.length > 0 && <Notice>{t.allDone}</Notice>}
      {finding && at !== undefined ? (
        <FindingView
          finding={finding}
          examples={suspects.examples}
          place={t.place(count(shown.indexOf(at) + 1), count(shown.length))}
          decision={own ? words_(own) : t.open_}
          isDecided={own !== undefined}
        />
      ) : (
        <Empty>{t.nothingOfKind}</Empty>
      )}
      {finding && (
        <MoveDialog
          key={at}
          open={isMoving}
          onClose={() => setMoving(false)}
          people={people}
          first={suggestionOf(finding).person ?? ''}
          onMove={(person) => take({ act: 'move', person })}
        />
      )}
    </section>
  )
}
