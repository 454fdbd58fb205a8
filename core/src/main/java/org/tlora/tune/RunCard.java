/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.util.List;
import java.util.Optional;
import org.tlora.card.CardBase;
import org.tlora.card.HubPlace;
import org.tlora.card.ModelCard;

/** The card of what a run has written: all that is known of it is known here. */
final class RunCard {
  private final TuningJob job;
  private final TuningRun.Result result; // null: nothing was trained
  private final RunFacts facts;

  RunCard(TuningJob job, TuningInputs inputs, FineTuning tuning, TuningRun.Result result) {
    this.job = job;
    this.result = result;
    facts = new RunFacts(job, inputs, tuning, result);
  }

  /** Writes it beside the adapter or the model; gives what a user should know of that. */
  Optional<String> write() {
    CardBase base = facts.base();
    boolean whole = job.method().trainsBase();
    return new ModelCard(
            whole ? ModelCard.Relation.FINETUNE : ModelCard.Relation.ADAPTER,
            base,
            tags(whole),
            hubData(),
            lead(base, whole),
            List.of(
                facts.data(),
                facts.ofBase(),
                facts.method(),
                facts.settings(),
                facts.course(),
                facts.madeWith()),
            List.of())
        .write(job.output());
  }

  private List<String> tags(boolean whole) {
    String method = job.method().name();
    return whole ? List.of() : method.equals("lora") ? List.of(method) : List.of("lora", method);
  }

  private List<String> hubData() {
    return job.data().stream()
        .flatMap(d -> HubPlace.of(d.path()).stream())
        .filter(p -> p.kind().equals("datasets"))
        .map(HubPlace::id)
        .distinct()
        .toList();
  }

  private String lead(CardBase base, boolean whole) {
    String what = whole ? "Fine-tuned from " : "An adapter for ";
    String how = whole ? "" : " (" + job.method().name() + ")";
    String state =
        result == null
            ? " It is as the method starts it: it has not been trained."
            : result.outcome().interrupted() ? " Its training was stopped before its end." : "";
    return what + ModelCard.named(base) + how + ", made with TLoRA for the JVM." + state;
  }
}
