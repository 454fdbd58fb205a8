package org.tlora.text;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.InterpreterFactory;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;

/**
 * An interpreter that ends, by an error that the engine does not pass over, soon after its thread
 * was interrupted: every expression, variable and scope asks for that.
 */
final class TimedInterpreter extends JinjavaInterpreter {
  private TimedInterpreter(Jinjava application, Context context, JinjavaConfig config) {
    super(application, context, config);
  }

  private TimedInterpreter(JinjavaInterpreter original) {
    super(original);
  }

  /** The time is over. */
  static final class Overdue extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** Makes such interpreters. */
  static final class Factory implements InterpreterFactory {
    @Override
    public JinjavaInterpreter newInstance(JinjavaInterpreter original) {
      return new TimedInterpreter(original);
    }

    @Override
    public JinjavaInterpreter newInstance(Jinjava engine, Context context, JinjavaConfig config) {
      return new TimedInterpreter(engine, context, config);
    }
  }

  private static void check() {
    if (Thread.currentThread() instanceof TemplateThread thread && thread.isOverdue()) {
      throw new Overdue();
    }
  }

  /** A thread that renders a template; its interrupt cannot be forgotten by who catches it. */
  static final class TemplateThread extends Thread {
    private static final long STACK_BYTES = 4L << 20;

    private volatile boolean overdue;

    TemplateThread(Runnable task) {
      super(null, task, "chat-template", STACK_BYTES);
      setDaemon(true);
    }

    void end() {
      overdue = true;
      interrupt();
    }

    private boolean isOverdue() {
      return overdue;
    }
  }

  @Override
  public InterpreterScopeClosable enterScope() {
    check();
    return super.enterScope();
  }

  @Override
  public InterpreterScopeClosable enterNonStackingScope() {
    check();
    return super.enterNonStackingScope();
  }

  @Override
  public Object retraceVariable(String variable, int lineNumber, int startPosition) {
    check();
    return super.retraceVariable(variable, lineNumber, startPosition);
  }

  @Override
  public Object resolveELExpression(String expression, int lineNumber, int position) {
    check();
    return super.resolveELExpression(expression, lineNumber, position);
  }
}
