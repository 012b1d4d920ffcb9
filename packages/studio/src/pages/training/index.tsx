import { lazy } from 'react'
import { useInAddress } from '../../api/place.js'
import { Ablation } from './ablation/ablation.js'
import { Compare } from './compare/compare.js'
import { List } from './list/list.js'
import { Run } from './run/run.js'
import './training.css'

// With all that a configuration may hold.
const Start = lazy(() => import('./start/start.js'))

/** Runs of the workspace: all, one live, several over each other, an ablation; the address says which. */
export default function Training() {
  const [run] = useInAddress('run')
  const [ablation] = useInAddress('ablation')
  const [compared] = useInAddress('compare')
  const [isNew] = useInAddress('new')
  if (run !== null) return <Run key={run} run={run} />
  if (ablation !== null) return <Ablation key={ablation} path={ablation} />
  if (compared !== null) return <Compare runs={compared.split('\n').filter(Boolean)} />
  if (isNew !== null) return <Start />
  return <List />
}
