//! Spanish beside the hazards: computers, sales calls, recordings, what belongs to the office.
//! Accents are folded before matching; "ñ" is "n".

use domain::{Issue, Service};

use super::{Grade, Rule};

const fn it(
    id: &'static str,
    label: &'static str,
    issue: Issue,
    grade: Grade,
    patterns: &'static [&'static str],
) -> Rule {
    Rule { id, label, issue, service: Service::It, grade, patterns }
}

const fn call(
    id: &'static str,
    label: &'static str,
    issue: Issue,
    grade: Grade,
    patterns: &'static [&'static str],
) -> Rule {
    Rule { id, label, issue, service: Service::Unknown, grade, patterns }
}

pub(super) const RULES: &[Rule] = &[
    it(
        "it.outage.es",
        "systems down (Spanish)",
        Issue::ItOutage,
        Grade::ItWide,
        &[
            "cayo|caido|caida|fallo|murio|apago|apagado|descompuso|congelo|trabo ~3 servidor|servidores|red|sistema|internet|correo|telefonos|conmutador|pagina",
            "servidor|servidores|red|sistema|internet|correo|telefonos|wifi|cajas|terminales ~4 caido|caida|cayo|no|apagado|muerto|fallando|fallo|congelado ~5 nadie|todos|todas|oficina|empresa|tienda|edificio|clinica|negocio",
            "servidor|servidores ~3 no ~1 funciona|responde|prende|sirve|jala|enciende",
            "nadie|todos|ninguno|todas ~3 puede|pueden|podemos|tiene|tenemos|trabajar|entrar|acceder ~4 ?trabajar|entrar|acceder|correo|internet|sistema|imprimir|conectarse",
            "no|sin ~3 internet|red|telefonos|sistema|correo ~6 toda|todo|todos|oficina|empresa|tienda|edificio|negocio|nadie",
            "toda|todo ~2 oficina|empresa|edificio|personal|negocio|tienda ~5 sin|no|caido|parado|parada",
            "no podemos ~1 trabajar|cobrar|atender|facturar|vender|operar",
        ],
    ),
    it(
        "it.security.es",
        "security incident (Spanish)",
        Issue::ItOutage,
        Grade::ItWide,
        &[
            "hackearon|hackeado|hackeada|jaquearon|hackeo|virus|secuestro_de_datos|ransomware|estafa|estafaron|robaron|fraude",
            "archivos|datos|informacion ~3 encriptados|cifrados|bloqueados|secuestrados|borrados",
            "pide|piden|pidiendo ~3 dinero|rescate|bitcoin",
            "enlace|liga|link ~6 contrasena|clave|datos|sospechoso|falso",
        ],
    ),
    it(
        "it.one_user.es",
        "one user's trouble (Spanish)",
        Issue::ItTrouble,
        Grade::ItSingle,
        &[
            "olvide|olvido|cambiar|restablecer|vencio|expiro|recuperar ~3 contrasena|clave|password|pin|usuario",
            "contrasena|clave ~4 vencio|expiro|no|olvide|olvido|nueva|incorrecta",
            "solo|solamente|nada_mas ~2 a_mi|yo|mi|conmigo|mia|mio|una_persona|un_usuario",
            "mi|la ~1 computadora|laptop|impresora|pantalla|teclado|raton|monitor|cuenta|celular ~4 no|lenta|lento|trabada|apagada|rota|descompuesta|bloqueada|atascada",
            "impresora ~3 no|atascada|papel|tinta|toner",
            "nuevo|nueva ~2 empleado|empleada|usuario|computadora|laptop|monitor|licencia",
        ],
    ),
    it(
        "it.unclear.es",
        "IT trouble of unknown reach (Spanish)",
        Issue::ItTrouble,
        Grade::ItUnclear,
        &[
            "internet|correo|red|sistema|vpn|wifi|programa|aplicacion|pagina|computadora|telefono|telefonos ~4 no|lento|lenta|falla|fallando|caido|problema|error|descompuesto|intermitente",
            "no ~2 puedo|funciona|sirve|jala|abre|entra|conecta ~4 entrar|conectar|conectarme|abrir|acceder|correo|internet|sistema|red|vpn|programa|archivo",
            "problema|problemas|error|falla ~4 internet|correo|red|sistema|vpn|computadora|programa|telefono",
        ],
    ),
    call(
        "spam.pitch.es",
        "sales pitch (Spanish)",
        Issue::SalesPitch,
        Grade::Pitch,
        &[
            "de_parte_de|llamamos_de|llamo_de|hablo_de|representante_de ~4 marketing|publicidad|mercadotecnia|seguros|energia|financiera|prestamos|google|agencia",
            "ofrecer|ofrecerle|ofrecemos|ofreciendo|promocion|oferta ~6 negocio|empresa|clientes|servicio|servicios|descuento|gratis|credito|prestamo|pagina",
            "su ~1 negocio|empresa|compania ~5 google|clientes|internet|publicidad|ventas|prestamo|credito",
            "mas clientes|ventas|llamadas",
            "prestamo|credito|financiamiento ~4 aprobado|preaprobado|negocio|pre_aprobado",
            "garantia_extendida|bajar_su_recibo|ahorrar_en_su|reducir_su",
            "hablar|comunicar|comunicarme ~3 dueno|duena|encargado|encargada|gerente ~4 ?negocio|empresa|compras",
        ],
    ),
    call(
        "spam.recording.es",
        "recorded message (Spanish)",
        Issue::Robocall,
        Grade::Recording,
        &[
            "oprima|presione|marque|pulse|digite ~2 #0..9|uno|dos|nueve|asterisco|cualquier",
            "felicidades|felicitaciones ~4 usted|ha|gano|seleccionado",
            "usted|ha ~2 seleccionado|seleccionada|elegido|ganado|preaprobado|ganador",
            "mensaje|llamada|grabacion ~2 importante|automatico|automatizada|grabado|grabada",
            "no cuelgue",
            "permanezca|mantengase|espere ~2 linea",
        ],
    ),
    call(
        "customer.es",
        "speaks of his own home (Spanish)",
        Issue::Unknown,
        Grade::Customer,
        &[
            "casa|bano|cocina|sotano|cuarto|calentador|tuberia|inodoro|lavabo|calefaccion|apartamento|departamento|computadora|contrasena|impresora|techo|drenaje",
            "necesito|necesitamos|ocupo|busco ~3 plomero|electricista|tecnico|cita|cotizacion|ayuda",
        ],
    ),
    call(
        "office.es",
        "office matter (Spanish)",
        Issue::NonService,
        Grade::Routine,
        &[
            "factura|recibo|pago|pagar|cobro|cobraron|garantia|reembolso|cuenta_pendiente",
            "dejar|dejarle ~2 mensaje|recado",
            "cancelar|cambiar|mover|confirmar ~3 cita|visita",
        ],
    ),
    call(
        "quote.es",
        "quote wanted (Spanish)",
        Issue::Quote,
        Grade::Routine,
        &[
            "cuanto ~3 cobran|cobra|cuesta|cuestan|sale|seria|vale",
            "instalar|cambiar|poner|reemplazar|remodelar|agregar ~4 calentador|aire|bano|cocina|ventilador|lampara|enchufe|contacto|panel|inodoro|lavabo|boiler|termostato|tuberia",
            "presupuesto|cotizacion|estimado|cotizar",
        ],
    ),
];
