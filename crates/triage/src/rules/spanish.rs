//! Spanish: life-safety, water, heat and electrical words are understood on every line (K12).
//! Accents are folded before matching. "ñ" is "n": "año" → "ano".

use domain::{Issue, Service};

use super::{Grade, Rule};

const fn rule(
    id: &'static str,
    label: &'static str,
    issue: Issue,
    service: Service,
    grade: Grade,
    patterns: &'static [&'static str],
) -> Rule {
    Rule { id, label, issue, service, grade, patterns }
}

pub(super) const RULES: &[Rule] = &[
    rule(
        "gas.es",
        "gas smell (Spanish)",
        Issue::Gas,
        Service::Plumbing,
        Grade::LifeSafety,
        &[
            "huele|huelo|olor|wele|welle|huelle|guele|oler|oliendo|olemos|olemos|apesta|peste|uele ~3 gas|propano|mercaptano",
            "huele|olor|wele|apesta ~3 huevo|huevos|podrido|podridos|azufre",
            "fuga|escape|escapando|fugando|fugo|fugas|tirando|saliendo ~3 gas|propano",
            "gas|propano ~3 fuga|escapando|escapa|saliendo|fugando|tirando|escape|prendido_y_no",
            "huevos|huevo podridos|podrido",
        ],
    ),
    rule(
        "co.es",
        "carbon monoxide (Spanish)",
        Issue::CarbonMonoxide,
        Service::Hvac,
        Grade::LifeSafety,
        &[
            "monoxido|monoxide_de|monocsido ~3 carbono|alarma|detector|sonando",
            "alarma|detector|sensor ~3 monoxido|carbono|co ~4 ?sonando|suena|pitando",
            "mareado|mareados|mareada|dolor_de_cabeza ~8 calefaccion|calentador|monoxido|estufa|horno",
        ],
    ),
    rule(
        "electrical.es",
        "electrical hazard (Spanish)",
        Issue::Electrical,
        Service::Electrical,
        Grade::LifeSafety,
        &[
            "chispa|chispas|chispazo|chispazos|chispeando|corto_circuito|cortocircuito|corto|chisporrotea|chispea",
            "huele|olor|wele|guele|apesta|oliendo ~3 quemado|quemada|quemando|humo|plastico|cable",
            "humo|fuego|llamas|incendio ~4 enchufe|panel|cable|cables|contacto|breaker|caja|pared|tomacorriente|interruptor|sale|saliendo|cocina|casa",
            "enchufe|panel|contacto|breaker|tomacorriente|interruptor|apagador|caja|cable|cables ~4 humo|fuego|quemando|quemado|quemo|caliente|derritiendo|derritio|zumbando|chispas|echando|pelado|pelados|suelto|sueltos|expuestos|colgando|tronando|trueno",
            "sale|saliendo|hay|veo|echando|esta ~2 humo|fuego|llamas|chispas|incendio",
            "dio|da|dando|daba ~2 toque|toques|corriente|descarga|calambre|choque",
            "cables ~2 pelados|sueltos|expuestos|caidos|colgando|tirados|electricos",
            "electrocuto|electrocutado|electrocutando|electrocutar|electrocutada",
            "incendio|quemando|quemandose|fuego",
        ],
    ),
    rule(
        "danger.es",
        "danger (Spanish)",
        Issue::Danger,
        Service::Unknown,
        Grade::LifeSafety,
        &[
            "no puedo|puede|podemos|pueden respirar",
            "desmayo|desmayado|desmayada|desmayando|inconsciente|atrapado|atrapada|ahogando|explotar|exploto|explosion",
            "se_esta_muriendo|peligro_de_muerte|vida_o_muerte|llamar_al_911|llame_al_911",
        ],
    ),
    rule(
        "water.es",
        "water (Spanish)",
        Issue::Water,
        Service::Plumbing,
        Grade::Urgent,
        &[
            "inundacion|inundado|inundada|inundando|inundo|inunda|inundar|inundandose|inundo|inundan",
            "tubo|tuberia|tuberias|caneria|pipa|llave|manguera|tubos|tanque|calentador|boiler|calenton|valvula|pipe ~4 reventado|reventada|revento|roto|rota|rompio|exploto|quebro|reventar|trono|rompieron|estallo|partio|reventaron|botando|tirando",
            "revento|rompio|reventado|exploto|quebro|estallo|trono|reventaron ~4 tubo|tuberia|caneria|pipa|manguera|tanque|calentador|llave|pipe|tubos|valvula|boiler",
            "agua ~4 saliendo|sale|todos|todas|partes|techo|chorro|chorros|cayendo|cae|chorreando|entrando|entra|subiendo|metiendo|tirando|regando|corriendo|sotano|sin_parar|no_para|derramando|brotando|pared",
            "sale|saliendo|cae|cayendo|tirando|entrando|botando|chorreando|brotando|entra|regando ~3 agua|sotano",
            "gotea|goteando|goteo|gotera|cayendo|filtrando|filtra ~3 techo|plafon|lampara|pared|cielo",
            "techo ~3 caer|cayendo|cayo|gotea|goteando|agua|derrumbar|desplomar|hundiendo",
            "lleno|llena|lleno_de|llenando|llenandose|pies|pulgadas ~2 agua",
            "no ~3 cerrar|parar|apagar|encuentro ~3 agua|llave|valvula",
            "desbordando|desbordo|desborda|desbordandose|desbordado|desbordada|derramando|derramandose",
            "bano|excusado|inodoro|taza|toilet ~3 desbordando|desborda|derramando|tirando_agua|rebosando|tirando",
        ],
    ),
    rule(
        "sewage.es",
        "sewage (Spanish)",
        Issue::Sewage,
        Service::Plumbing,
        Grade::Urgent,
        &[
            "agua|aguas ~2 negras|sucias|negra|sucia|residuales|servidas",
            "drenaje|desague|alcantarilla|cloaca|caca|excremento|drenajes ~4 tapado|saliendo|sale|regresando|devolviendo|desbordando|subiendo|rebosando|regresa|sube|metiendo",
            "saliendo|sale|subiendo|regresando ~4 drenaje|caca|excremento|desague|coladera",
        ],
    ),
    rule(
        "heat.es",
        "no heat (Spanish)",
        Issue::NoHeat,
        Service::Hvac,
        Grade::NoHeat,
        &[
            "no|sin ~3 calefaccion|calefactor|calenton|calefaction|calenta",
            "calefaccion|calenton|calefactor|calentador_de_la_casa|furnace|heater|boiler ~4 no|descompuso|apago|murio|rompio|dano|descompuesta|descompuesto|dejo|fallo",
            "frio ~3 casa|adentro|aqui|noche|bebe|ninos",
            "congelando|congelados|congelado|congelada|helando|congelaron|helado",
            "tuberias|tubos|tuberia ~3 congelaron|congeladas|congelados|congelada|congelo",
        ],
    ),
    rule(
        "cooling.es",
        "no AC (Spanish)",
        Issue::NoCooling,
        Service::Hvac,
        Grade::NoCooling,
        &[
            "aire ~1 acondicionado|acondicionada|condicionado ~4 no|descompuso|rompio|dano|apago|dejo|fallo|enfria",
            "no|sin ~3 aire ~1 acondicionado|condicionado",
            "aire no ~1 enfria|funciona|sirve|trabaja|prende",
        ],
    ),
    rule(
        "amplifier.vulnerable.es",
        "vulnerable people",
        Issue::Unknown,
        Service::Unknown,
        Grade::Vulnerable,
        &[
            "bebe|bebes|nino|ninos|nina|ninas|abuela|abuelo|abuelita|abuelito|anciano|anciana|ancianos|embarazada|oxigeno|recien_nacido|enfermo|enferma|mayor_de_edad|hijos|hijo|hija|senora_mayor|discapacitado|discapacitada",
        ],
    ),
    rule(
        "amplifier.cold.es",
        "freezing cold",
        Issue::Unknown,
        Service::Unknown,
        Grade::Cold,
        &[
            "mucho|tanto|muchisimo|hace|bastante frio",
            "congelando|helando|nevando|nieve|bajo_cero",
            "#-60..15 grados",
        ],
    ),
    rule(
        "request.es",
        "caller says it is an emergency (Spanish)",
        Issue::Unknown,
        Service::Unknown,
        Grade::Request,
        &[
            "emergencia|emergencias|urgente|urgentemente|urgencia|auxilio|peligroso|peligro|socorro",
            "necesito|necesitamos|ocupo|ocupamos|mande|manden|venga|vengan|puede|pueden|quiero ~4 ahora|ahorita|esta_noche|inmediatamente|ya_mismo|rapido|pronto|hoy_mismo|ya",
            "no puede|puedo|podemos esperar",
        ],
    ),
    rule(
        "request.can_wait.es",
        "caller says it can wait (Spanish)",
        Issue::Unknown,
        Service::Unknown,
        Grade::CanWait,
        &[
            "puede|puedo|podemos esperar",
            "no ~2 emergencia|urgente|prisa|urgencia|apuro",
            "manana|lunes|la_semana ~2 bien|mejor|proxima|siguiente",
            "para|hasta|esta_bien manana|el_lunes",
        ],
    ),
    rule(
        "routine.es",
        "routine (Spanish)",
        Issue::Inquiry,
        Service::Unknown,
        Grade::Routine,
        &[
            "cotizacion|presupuesto|estimado|cuanto_cuesta|cuanto_cobran|cuanto_cobra|precio|precios|cuanto_sale|cuanto_me_sale",
            "cita|agendar|programar|mantenimiento|inspeccion|revision|factura|garantia|instalar|instalacion|cambiar|reemplazar|horario|remodelar",
            "llave|grifo|lavabo|fregadero|regadera|drenaje|desague|inodoro|bano|taza|ducha|foco ~4 gotea|goteando|tapado|tapada|lento|despacio|no_funciona|no_sirve|descompuesto|suelta|flojo|corriendo",
            "no|sin ~2 agua_caliente",
            "agua_caliente ~2 no|poca|se_acaba",
        ],
    ),
    rule(
        "unclear.es",
        "trouble (Spanish)",
        Issue::Unknown,
        Service::Unknown,
        Grade::Unclear,
        &[
            "problema|problemas|ayuda|descompuso|descompuesto|no_funciona|no_sirve|no_prende|fuga|gotera|gotea|goteando|no_hay_luz|sin_luz|se_fue_la_luz|no_hay_agua|sin_agua|no_tengo_luz|no_tenemos_luz|no_tengo_agua|no_tenemos_agua",
        ],
    ),
];
