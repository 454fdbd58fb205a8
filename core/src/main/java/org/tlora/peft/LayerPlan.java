package org.tlora.peft;

/**
 * What a layer gets.
 *
 * @param alpha as configured or allocated
 * @param scaling s in y = W x + s·B A x
 * @param bounded whether the rank was kept within 1…min(in, out)
 */
public record LayerPlan(int rank, double alpha, double scaling, boolean bounded) {}
