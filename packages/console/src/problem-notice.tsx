// Tells what went wrong and offers what can be done about it.
import type { Problem } from './problem.js'

interface ProblemNoticeProps {
  readonly problem: Problem
  readonly act?: { readonly label: string; run(): void } | undefined
}

export function ProblemNotice({ problem, act }: ProblemNoticeProps) {
  return (
    <div class="problem" role="alert">
      <strong>{problem.title}</strong>
      <p>{problem.text}</p>
      {act && (
        <button type="button" class="plain" onClick={act.run}>
          {act.label}
        </button>
      )}
    </div>
  )
}
