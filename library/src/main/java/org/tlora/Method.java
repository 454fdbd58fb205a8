/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.Map;
import java.util.TreeMap;
import org.tlora.peft.MethodOption;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.method.AdaLora;
import org.tlora.peft.method.Corda;
import org.tlora.peft.method.Dora;
import org.tlora.peft.method.Eva;
import org.tlora.peft.method.FullFineTuning;
import org.tlora.peft.method.Gora;
import org.tlora.peft.method.Lora;
import org.tlora.peft.method.LoraGa;
import org.tlora.peft.method.LoraOne;
import org.tlora.peft.method.LoraPlus;
import org.tlora.peft.method.Olora;
import org.tlora.peft.method.PeftMethods;
import org.tlora.peft.method.Pissa;
import org.tlora.peft.method.RsLora;
import org.tlora.peft.method.Tlora;

/**
 * A way of fine-tuning with values for its own options, such as
 *
 * <pre>{@code
 * Method.tlora().with(Tlora.TRAIN_A, true)
 * }</pre>
 *
 * <p>Options that are not given have their defaults. Immutable; safe for threads.
 */
public final class Method {
  private final PeftMethod method;
  private final Map<String, String> own;

  private Method(PeftMethod method, Map<String, String> own) {
    this.method = method;
    this.own = own;
  }

  /** A method of this library, or one of your own. */
  public static Method of(PeftMethod method) {
    return new Method(method, Map.of());
  }

  /**
   * The method of that name, such as {@code tlora} or {@code lora+}.
   *
   * @throws org.tlora.fault.UsageFault if there is none; the message lists those that are
   */
  public static Method named(String name) {
    return of(PeftMethods.named(name));
  }

  /** All weights of the model train; there is no adapter. */
  public static Method full() {
    return of(new FullFineTuning());
  }

  /** LoRA (Hu et al., arXiv 2106.09685). */
  public static Method lora() {
    return of(new Lora());
  }

  /** LoRA with the scaling alpha/√r (Kalajdzievski, arXiv 2312.03732). */
  public static Method rsLora() {
    return of(new RsLora());
  }

  /** LoRA whose B learns faster than A (Hayou et al., arXiv 2402.12354). */
  public static Method loraPlus() {
    return of(new LoraPlus());
  }

  /** Singular triplets whose number falls while it trains (Zhang et al., arXiv 2303.10512). */
  public static Method adaLora() {
    return of(new AdaLora());
  }

  /** Magnitude and direction apart (Liu et al., arXiv 2402.09353). */
  public static Method dora() {
    return of(new Dora());
  }

  /** Starts from a QR decomposition (Büyükakyüz, arXiv 2406.01775). */
  public static Method olora() {
    return of(new Olora());
  }

  /** Starts from the principal singular vectors (Meng et al., arXiv 2404.02948). */
  public static Method pissa() {
    return of(new Pissa());
  }

  /** Starts along the first gradient (Wang et al., arXiv 2407.05000). */
  public static Method loraGa() {
    return of(new LoraGa());
  }

  /** Starts by the covariance of the inputs (Yang et al., arXiv 2406.05223). */
  public static Method corda() {
    return of(new Corda());
  }

  /** Starts at the inputs' principal components (Paischer et al., arXiv 2410.07170). */
  public static Method eva() {
    return of(new Eva());
  }

  /** Starts one step down the gradient (Zhang et al., arXiv 2502.01235). */
  public static Method loraOne() {
    return of(new LoraOne());
  }

  /** Rank and start by the gradient (He et al., arXiv 2502.12171). */
  public static Method gora() {
    return of(new Gora());
  }

  /** TLoRA: rank and alpha by sensitivity, A from the task's own inputs, only B trains. */
  public static Method tlora() {
    return of(new Tlora());
  }

  /**
   * The same method with a value for one of its options.
   *
   * @throws org.tlora.fault.UsageFault if it has no such option, or the value is out of range
   */
  public <T> Method with(MethodOption<T> option, T value) {
    return with(option.name(), option.text(value));
  }

  /** The same for an option by its name, such as {@code train-a}, and a value as a text. */
  public Method with(String option, String value) {
    Map<String, String> more = new TreeMap<>(own);
    more.put(option, value);
    return new Method(method, more);
  }

  /** The same with values of several options by their names. */
  public Method with(Map<String, String> options) {
    Map<String, String> more = new TreeMap<>(own);
    more.putAll(options);
    return new Method(method, more);
  }

  /** As {@link #named} knows it. */
  public String name() {
    return method.name();
  }

  /** Whether the model's own weights train; then there is no adapter. */
  public boolean trainsBase() {
    return method.trainsBase();
  }

  PeftMethod method() {
    return method;
  }

  Map<String, String> own() {
    return own;
  }
}
