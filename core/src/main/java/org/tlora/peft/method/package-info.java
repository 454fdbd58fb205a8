/** The methods, one file each. {@link org.tlora.peft.method.PeftMethods} is the list. */
package org.tlora.peft.method;
