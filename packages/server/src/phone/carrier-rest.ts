// What a carrier is asked for over its REST interface.

/** The carrier said no, or did not answer. The message is a sentence for whoever asked for the call, and holds no secret. */
export class CarrierError extends Error {
  override readonly name = 'CarrierError'
}

export interface Placing {
  readonly from: string
  readonly to: string
  readonly ringTimeoutSeconds: number
  readonly detectsMachines: boolean
  /** How long the call may last, in seconds. */
  readonly mostSeconds: number
  /** Where the carrier asks what to do when somebody has answered. */
  readonly voiceUrl: string
  readonly statusUrl: string
  readonly machineUrl: string
}

/** Both reject with a `CarrierError`. */
export interface CarrierRest {
  /** The carrier's own name for the call, which begins to ring. */
  place(placing: Placing): Promise<string>
  /** Resolves also when the call is over already. */
  hangUp(carrierCallId: string): Promise<void>
}
