// What generated code takes from the jsii runtime for .NET: enough to compile against, with nothing behind it.
using System;

namespace Amazon.JSII.Runtime.Deputy
{
    [AttributeUsage(AttributeTargets.Assembly)]
    public sealed class JsiiAssemblyAttribute : Attribute
    {
        public JsiiAssemblyAttribute(string name, string version, string tarball) { }
    }

    public sealed class JsiiByValueAttribute : Attribute
    {
        public JsiiByValueAttribute(string fqn) { }
    }

    public sealed class JsiiClassAttribute : Attribute
    {
        public JsiiClassAttribute(Type nativeType, string fullyQualifiedName, string parametersJson = null) { }
    }

    public sealed class JsiiEnumAttribute : Attribute
    {
        public JsiiEnumAttribute(Type nativeType, string fullyQualifiedName) { }
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class JsiiEnumMemberAttribute : Attribute
    {
        public JsiiEnumMemberAttribute(string name) { }
    }

    public sealed class JsiiInterfaceAttribute : Attribute
    {
        public JsiiInterfaceAttribute(Type nativeType, string fullyQualifiedName) { }
    }

    public sealed class JsiiMethodAttribute : Attribute
    {
        public JsiiMethodAttribute(
            string name, string returnsJson = null, string parametersJson = null, bool isOverride = false) { }
    }

    public sealed class JsiiOptionalAttribute : Attribute { }

    public sealed class JsiiPropertyAttribute : Attribute
    {
        public JsiiPropertyAttribute(string name, string typeJson, bool isOptional = false, bool isOverride = false) { }
    }

    public sealed class JsiiTypeProxyAttribute : Attribute
    {
        public JsiiTypeProxyAttribute(Type nativeType, string fullyQualifiedName) { }
    }

    public class ByRefValue { }

    public class DeputyProps
    {
        public DeputyProps(object[] arguments) { }
    }

    public abstract class DeputyBase
    {
        protected DeputyBase(DeputyProps props = null) { }
        protected DeputyBase(ByRefValue reference) { }

        protected T GetInstanceProperty<T>() => default(T);
        protected void SetInstanceProperty<T>(T value) { }
        protected static T GetStaticProperty<T>(Type type) => default(T);
        protected T InvokeInstanceMethod<T>(Type[] types, object[] arguments) => default(T);
        protected void InvokeInstanceVoidMethod(Type[] types, object[] arguments) { }
        protected static T InvokeStaticMethod<T>(Type type, Type[] types, object[] arguments) => default(T);
        protected static void InvokeStaticVoidMethod(Type type, Type[] types, object[] arguments) { }
    }
}
