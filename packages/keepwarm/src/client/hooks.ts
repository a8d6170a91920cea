/** From the hooks that a client and a call were told to the lists that run. */
import type { ConfigProblem } from '../errors.ts'
import type { HookLists, Hooks } from '../exchange/hooks.ts'
import type { CallPlan } from '../exchange/plan.ts'
import { isObject, namesOf, optionProblems } from '../known-options.ts'

const hookNames = namesOf<Hooks>({ beforeRequest: true, afterResponse: true, afterCall: true })

export function hookProblems(hooks: unknown): readonly ConfigProblem[] {
  if (hooks === undefined) return []
  const problems = [...optionProblems(hooks, hookNames, 'hooks')]
  if (!isObject(hooks)) return problems
  for (const name of hookNames) {
    const given = listOf(hooks[name])
    const wrong = given.find((hook) => typeof hook !== 'function')
    if (wrong === undefined && !given.includes(undefined)) continue
    const received = wrong === null ? 'null' : `a ${typeof wrong}`
    problems.push({ variable: `hooks.${name}`, received, expected: 'a function, or a list of functions' })
  }
  return problems
}

/** Those of the client, then those of the call. Undefined where there are none, which then cost nothing. */
export function hookLists(before: HookLists | undefined, hooks: Hooks | undefined): HookLists | undefined {
  if (hooks === undefined) return before
  const lists = {
    beforeRequest: [...(before?.beforeRequest ?? []), ...listOf(hooks.beforeRequest)],
    afterResponse: [...(before?.afterResponse ?? []), ...listOf(hooks.afterResponse)],
    afterCall: [...(before?.afterCall ?? []), ...listOf(hooks.afterCall)],
  }
  const { beforeRequest, afterResponse, afterCall } = lists
  return beforeRequest.length + afterResponse.length + afterCall.length === 0 ? undefined : lists
}

/** After a redirect to another origin, which shall not get what a hook adds for this one. */
export function planAbroad(plan: CallPlan): CallPlan {
  const { hooks } = plan
  if (hooks === undefined || hooks.beforeRequest.length === 0) return plan
  return { ...plan, hooks: { ...hooks, beforeRequest: [] } }
}

/** A health check is asked as calls are, and nobody hears how it went. */
export function hooksOfChecks(hooks: HookLists | undefined): HookLists | undefined {
  if (hooks === undefined || hooks.beforeRequest.length === 0) return undefined
  return { beforeRequest: hooks.beforeRequest, afterResponse: [], afterCall: [] }
}

function listOf<Hook>(hooks: Hook | readonly Hook[] | undefined): readonly Hook[] {
  if (hooks === undefined) return []
  return Array.isArray(hooks) ? (hooks as readonly Hook[]) : [hooks as Hook]
}
