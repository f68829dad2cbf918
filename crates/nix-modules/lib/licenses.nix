# Licenses, for `meta.license`: the names that packages use, and what each stands
# for. Identifiers and names are those of the SPDX License List where it has one.
{ lib }:
let
  inherit (builtins) all any elem mapAttrs;

  spdx = spdxId: fullName: {
    inherit fullName spdxId;
    url = "https://spdx.org/licenses/${spdxId}.html";
  };
  at = url: fullName: { inherit fullName url; };
  withTerms =
    terms: mapAttrs (shortName: license: { licenseType = "simple"; deprecated = false; inherit shortName; } // terms // license);

  free = { free = true; redistributable = true; };
  redistributable = { free = false; redistributable = true; };
  unfree = { free = false; redistributable = false; };

  # -- Expressions -------------------------------------------------------------

  # Follows an expression of licenses down to `leaf`, which answers for each. A
  # choice needs one that will do, a conjunction needs all; read strictly
  # (`permissive` false), it is the other way round.
  evaluate =
    leaf: permissive:
    let
      either = if permissive then any else all;
      both = if permissive then all else any;
      visit =
        license:
        if license.licenseType == "simple" then
          leaf license
        else if license.licenseType == "compound" then
          if license.operator == "OR" then
            either visit license.licenses
          else if license.operator == "AND" then
            both visit license.licenses
          else
            throw "Unknown license operator"
        else if license.licenseType == "exception" then
          visit license.license && visit license.exception
        else if license.licenseType == "plus" then
          visit license.license
        else
          throw "Unknown license type or legacy license";
    in
    visit;

  compound = operator: licenses: {
    licenseType = "compound";
    inherit licenses operator;
  };

  expressions = rec {
    OR = compound "OR";
    AND = compound "AND";
    WITH = license: exception: {
      licenseType = "exception";
      operator = "WITH";
      inherit exception license;
    };
    # "or any later version"
    PLUS = license: {
      licenseType = "plus";
      operator = "+";
      inherit license;
    };

    evaluateProperty = evaluate;
    evaluateNamedProperty = name: evaluate (license: license.${name});
    isFree = evaluateNamedProperty "free" true;
    isRedistributable = evaluateNamedProperty "redistributable" true;
    containsLicenses = licenses: evaluate (license: elem license licenses) false;

    toSPDX =
      license:
      let
        inner =
          part:
          if part.licenseType == "compound" || part.licenseType == "exception" then "(${toSPDX part})" else toSPDX part;
      in
      {
        simple = license.spdxId or "LicenseRef-nixos-${license.shortName}";
        compound = lib.concatMapStringsSep " ${license.operator} " inner license.licenses;
        exception = "${inner license.license} ${license.operator} ${inner license.exception}";
        plus = "${inner license.license}${license.operator}";
      }
      .${license.licenseType} or (throw "Unknown license type");
  };
in
  withTerms free {
    abstyles = spdx "Abstyles" "Abstyles License";
    adobeDisplayPostScript = spdx "Adobe-Display-PostScript" "Adobe Display PostScript License";
    adobeUtopia = spdx "Adobe-Utopia" "Adobe Utopia Font License";
    afl20 = spdx "AFL-2.0" "Academic Free License v2.0";
    afl21 = spdx "AFL-2.1" "Academic Free License v2.1";
    afl3 = spdx "AFL-3.0" "Academic Free License v3.0";
    agpl3Only = spdx "AGPL-3.0-only" "GNU Affero General Public License v3.0 only";
    agpl3Plus = spdx "AGPL-3.0-or-later" "GNU Affero General Public License v3.0 or later";
    aml = spdx "AML" "Apple MIT License";
    ampas = spdx "AMPAS" "Academy of Motion Picture Arts and Sciences BSD";
    aom = at "https://aomedia.org/license/patent-license/" "Alliance for Open Media Patent License 1.0";
    apple-psl10 = spdx "APSL-1.0" "Apple Public Source License 1.0";
    apple-psl20 = spdx "APSL-2.0" "Apple Public Source License 2.0";
    arphicpl = spdx "Arphic-1999" "Arphic Public License";
    artistic1 = spdx "Artistic-1.0" "Artistic License 1.0";
    artistic1-cl8 = spdx "Artistic-1.0-cl8" "Artistic License 1.0 w/clause 8";
    artistic2 = spdx "Artistic-2.0" "Artistic License 2.0";
    asl11 = spdx "Apache-1.1" "Apache License 1.1";
    asl20 = spdx "Apache-2.0" "Apache License 2.0";
    baekmuk = spdx "Baekmuk" "Baekmuk License";
    beerware = spdx "Beerware" "Beerware License";
    bitTorrent10 = spdx "BitTorrent-1.0" " BitTorrent Open Source License v1.0";
    bitTorrent11 = spdx "BitTorrent-1.1" " BitTorrent Open Source License v1.1";
    bitstreamCharter = spdx "Bitstream-Charter" "Bitstream Charter Font License";
    bitstreamVera = spdx "Bitstream-Vera" "Bitstream Vera Font License";
    blueOak100 = spdx "BlueOak-1.0.0" "Blue Oak Model License 1.0.0";
    boehmGC = spdx "Boehm-GC" "Boehm-Demers-Weiser GC License";
    bola11 = spdx "BOLA-1.1" "Buena Onda License Agreement v1.1";
    boost = spdx "BSL-1.0" "Boost Software License 1.0";
    bsd0 = spdx "0BSD" "BSD Zero Clause License";
    bsd1 = spdx "BSD-1-Clause" "BSD 1-Clause License";
    bsd2 = spdx "BSD-2-Clause" "BSD 2-clause \"Simplified\" License";
    bsd2Patent = spdx "BSD-2-Clause-Patent" "BSD-2-Clause Plus Patent License";
    bsd2WithViews = spdx "BSD-2-Clause-Views" "BSD 2-Clause with views sentence";
    bsd3 = spdx "BSD-3-Clause" "BSD 3-clause \"New\" or \"Revised\" License";
    bsd3ClauseTso = spdx "BSD-3-Clause-Tso" "BSD 3-Clause Tso variant";
    bsd3Clear = spdx "BSD-3-Clause-Clear" "BSD 3-Clause Clear License";
    bsd3Lbnl = spdx "BSD-3-Clause-LBNL" "Lawrence Berkeley National Labs BSD variant license";
    bsd3Modification = spdx "BSD-3-Clause-Modification" "BSD 3-Clause Modification";
    bsdAxisNoDisclaimerUnmodified = at "https://scancode-licensedb.aboutcode.org/bsd-no-disclaimer-unmodified.html" "BSD-Axis without Warranty Disclaimer with Unmodified requirement";
    bsdOriginal = spdx "BSD-4-Clause" "BSD 4-clause \"Original\" or \"Old\" License";
    bsdOriginalShortened = spdx "BSD-4-Clause-Shortened" "BSD 4 Clause Shortened";
    bsdOriginalUC = spdx "BSD-4-Clause-UC" "BSD 4-Clause University of California-Specific";
    bsdProtection = spdx "BSD-Protection" "BSD Protection License";
    bsdSourceCode = spdx "BSD-Source-Code" "BSD Source Code Attribution";
    bzip2 = spdx "bzip2-1.0.6" "bzip2 and libbzip2 License v1.0.6";
    cal10 = spdx "CAL-1.0" "Cryptographic Autonomy License version 1.0 (CAL-1.0)";
    caldera = spdx "Caldera" "Caldera License";
    capec = spdx "CAPEC-tou" "Common Attack Pattern Enumeration and Classification License";
    cc-by-10 = spdx "CC-BY-1.0" "Creative Commons Attribution 1.0";
    cc-by-20 = spdx "CC-BY-2.0" "Creative Commons Attribution 2.0";
    cc-by-30 = spdx "CC-BY-3.0" "Creative Commons Attribution 3.0";
    cc-by-40 = spdx "CC-BY-4.0" "Creative Commons Attribution 4.0";
    cc-by-sa-10 = spdx "CC-BY-SA-1.0" "Creative Commons Attribution Share Alike 1.0";
    cc-by-sa-20 = spdx "CC-BY-SA-2.0" "Creative Commons Attribution Share Alike 2.0";
    cc-by-sa-25 = spdx "CC-BY-SA-2.5" "Creative Commons Attribution Share Alike 2.5";
    cc-by-sa-30 = spdx "CC-BY-SA-3.0" "Creative Commons Attribution Share Alike 3.0";
    cc-by-sa-40 = spdx "CC-BY-SA-4.0" "Creative Commons Attribution Share Alike 4.0";
    cc-sa-10 = spdx "CC-SA-1.0" "Creative Commons Share Alike 1.0";
    cc0 = spdx "CC0-1.0" "Creative Commons Zero v1.0 Universal";
    cddl = spdx "CDDL-1.0" "Common Development and Distribution License 1.0";
    cecill-b = spdx "CECILL-B" "CeCILL-B Free Software License Agreement";
    cecill-c = spdx "CECILL-C" "CeCILL-C Free Software License Agreement";
    cecill20 = spdx "CECILL-2.0" "CeCILL Free Software License Agreement v2.0";
    cecill21 = spdx "CECILL-2.1" "CeCILL Free Software License Agreement v2.1";
    cfitsio = spdx "CFITSIO" "CFITSIO License";
    clArtistic = spdx "ClArtistic" "Clarified Artistic License";
    classpathException20 = spdx "Classpath-exception-2.0" "Classpath exception 2.0";
    cnri-python = spdx "CNRI-Python" "CNRI Python License";
    cpal10 = spdx "CPAL-1.0" "Common Public Attribution License 1.0";
    cpl10 = spdx "CPL-1.0" "Common Public License 1.0";
    cronyx = spdx "Cronyx" "Cronyx License";
    curl = spdx "curl" "curl License";
    dec3Clause = spdx "DEC-3-Clause" "DEC 3-Clause License";
    doc = spdx "DOC" "DOC License";
    docBookDtd = spdx "DocBook-DTD" "DocBook DTD License";
    drl10 = spdx "DRL-1.0" "Detection Rule License 1.0";
    dtoa = spdx "dtoa" "dtoa License";
    ecl20 = spdx "ECL-2.0" "Educational Community License, Version 2.0" // { shortName = "ECL 2.0"; };
    efl10 = spdx "EFL-1.0" "Eiffel Forum License v1.0";
    efl20 = spdx "EFL-2.0" "Eiffel Forum License v2.0";
    epl10 = spdx "EPL-1.0" "Eclipse Public License 1.0";
    epl20 = spdx "EPL-2.0" "Eclipse Public License 2.0";
    eupl11 = spdx "EUPL-1.1" "European Union Public License 1.1";
    eupl12 = spdx "EUPL-1.2" "European Union Public License 1.2";
    fair = spdx "Fair" "Fair License";
    fdl11Only = spdx "GFDL-1.1-only" "GNU Free Documentation License v1.1 only";
    fdl11Plus = spdx "GFDL-1.1-or-later" "GNU Free Documentation License v1.1 or later";
    fdl12Only = spdx "GFDL-1.2-only" "GNU Free Documentation License v1.2 only";
    fdl12Plus = spdx "GFDL-1.2-or-later" "GNU Free Documentation License v1.2 or later";
    fdl13Only = spdx "GFDL-1.3-only" "GNU Free Documentation License v1.3 only";
    fdl13Plus = spdx "GFDL-1.3-or-later" "GNU Free Documentation License v1.3 or later";
    fontException = spdx "Font-exception-2.0" "Font exception 2.0";
    fraunhofer-fdk = spdx "FDK-AAC" "Fraunhofer FDK AAC Codec Library";
    free = { fullName = "Unspecified free software license"; };
    ftl = spdx "FTL" "Freetype Project License";
    g4sl = at "https://geant4.web.cern.ch/geant4/license/LICENSE.html" "Geant4 Software License";
    generaluser = at "https://www.schristiancollins.com/generaluser.php" "GeneralUser GS License v2.0";
    gfl = at "https://www.gust.org.pl/projects/e-foundry/licenses/GUST-FONT-LICENSE.txt" "GUST Font License";
    gfsl = at "https://www.gust.org.pl/projects/e-foundry/licenses/GUST-FONT-SOURCE-LICENSE.txt" "GUST Font Source License";
    giftware = spdx "Giftware" "Giftware License";
    gnuplot = spdx "gnuplot" "gnuplot License";
    gpl1Only = spdx "GPL-1.0-only" "GNU General Public License v1.0 only";
    gpl1Plus = spdx "GPL-1.0-or-later" "GNU General Public License v1.0 or later";
    gpl2Only = spdx "GPL-2.0-only" "GNU General Public License v2.0 only";
    gpl2Plus = spdx "GPL-2.0-or-later" "GNU General Public License v2.0 or later";
    gpl3Only = spdx "GPL-3.0-only" "GNU General Public License v3.0 only";
    gpl3Plus = spdx "GPL-3.0-or-later" "GNU General Public License v3.0 or later";
    hpnd = spdx "HPND" "Historic Permission Notice and Disclaimer";
    hpndDec = spdx "HPND-DEC" "Historical Permission Notice and Disclaimer - DEC variant";
    hpndDifferentDisclaimer = at "https://gitlab.freedesktop.org/xorg/proto/xorgproto/-/blob/1914233e662d23ffb3812b80fadd0bbd064ad91c/COPYING-x11proto#L69-88" "HPND with different disclaimer";
    hpndDoc = spdx "HPND-doc" "Historical Permission Notice and Disclaimer - documentation variant";
    hpndDocSell = spdx "HPND-doc-sell" "Historical Permission Notice and Disclaimer - documentation sell variant";
    hpndSellVariant = spdx "HPND-sell-variant" "Historical Permission Notice and Disclaimer - sell variant";
    hpndSellVariantMitDisclaimerXserver = spdx "HPND-sell-MIT-disclaimer-xserver" "Historical Permission Notice and Disclaimer - sell xserver variant with MIT disclaimer";
    hpndSellVariantSafetyClause = spdx "HPND-sell-variant-critical-systems" "HPND - sell variant with safety critical systems clause";
    hpndUc = spdx "HPND-UC" "Historical Permission Notice and Disclaimer - University of California variant";
    hyphenBulgarian = spdx "hyphen-bulgarian" "hyphen-bulgarian License";
    iasl = spdx "Intel-ACPI" "Intel ACPI Software License Agreement";
    icu = spdx "ICU" "ICU";
    ijg = spdx "IJG" "Independent JPEG Group License";
    imagemagick = spdx "ImageMagick" "ImageMagick License";
    imlib2 = spdx "Imlib2" "Imlib2 License";
    info-zip = spdx "Info-ZIP" "Info-ZIP License";
    interbase = spdx "Interbase-1.0" "Interbase Public License v1.0";
    ipa = spdx "IPA" "IPA Font License";
    ipl10 = spdx "IPL-1.0" "IBM Public License v1.0";
    isc = spdx "ISC" "ISC License";
    knuth = spdx "Knuth-CTAN" "Knuth CTAN License";
    lal12 = spdx "LAL-1.2" "Licence Art Libre 1.2";
    lal13 = spdx "LAL-1.3" "Licence Art Libre 1.3";
    lgpl21Only = spdx "LGPL-2.1-only" "GNU Lesser General Public License v2.1 only";
    lgpl21Plus = spdx "LGPL-2.1-or-later" "GNU Lesser General Public License v2.1 or later";
    lgpl2Only = spdx "LGPL-2.0-only" "GNU Library General Public License v2 only";
    lgpl2Plus = spdx "LGPL-2.0-or-later" "GNU Library General Public License v2 or later";
    lgpl3Only = spdx "LGPL-3.0-only" "GNU Lesser General Public License v3.0 only";
    lgpl3Plus = spdx "LGPL-3.0-or-later" "GNU Lesser General Public License v3.0 or later";
    lgpllr = spdx "LGPLLR" "Lesser General Public License For Linguistic Resources";
    libpng = spdx "Libpng" "libpng License";
    libpng2 = spdx "libpng-2.0" "PNG Reference Library version 2";
    libtiff = spdx "libtiff" "libtiff License";
    liliq-p-11 = spdx "LiLiQ-P-1.1" "Licence Libre du Québec – Permissive version 1.1";
    llgpl21 = at "https://opensource.franz.com/preamble.html" "Lisp LGPL; GNU Lesser General Public License version 2.1 with Franz Inc. preamble for clarification of LGPL terms in context of Lisp";
    llvm-exception = spdx "LLVM-exception" "LLVM Exception";
    lpl-102 = spdx "LPL-1.02" "Lucent Public License v1.02";
    lppl1 = spdx "LPPL-1.0" "LaTeX Project Public License v1.0";
    lppl12 = spdx "LPPL-1.2" "LaTeX Project Public License v1.2";
    lppl13a = spdx "LPPL-1.3a" "LaTeX Project Public License v1.3a";
    lppl13c = spdx "LPPL-1.3c" "LaTeX Project Public License v1.3c";
    lsof = spdx "lsof" "lsof License";
    miros = spdx "MirOS" "MirOS License";
    mit = spdx "MIT" "MIT License";
    mit-cmu = spdx "MIT-CMU" "CMU License";
    mit-enna = spdx "MIT-enna" "enna License";
    mit-feh = spdx "MIT-feh" "feh License";
    mit-modern = spdx "MIT-Modern-Variant" "MIT License Modern Variant";
    mit0 = spdx "MIT-0" "MIT No Attribution";
    mitAdvertising = spdx "MIT-advertising" "Enlightenment License (e16)";
    mitOpenGroup = spdx "MIT-open-group" "MIT Open Group variant";
    mpich2 = spdx "mpich2" "mpich2 License";
    mpl10 = spdx "MPL-1.0" "Mozilla Public License 1.0";
    mpl11 = spdx "MPL-1.1" "Mozilla Public License 1.1";
    mpl20 = spdx "MPL-2.0" "Mozilla Public License 2.0";
    mplus = spdx "mplus" "M+ Font License";
    mspl = spdx "MS-PL" "Microsoft Public License";
    mulan-psl2 = spdx "MulanPSL-2.0" "Mulan Permissive Software License, Version 2";
    naist-2003 = spdx "NAIST-2003" "Nara Institute of Science and Technology License (2003)";
    ncsa = spdx "NCSA" "University of Illinois/NCSA Open Source License";
    ngpl = spdx "NGPL" "Nethack General Public License";
    nistSoftware = spdx "NIST-Software" "NIST Software License";
    nlpl = spdx "NLPL" "No Limit Public License";
    nposl3 = spdx "NPOSL-3.0" "Non-Profit Open Software License 3.0";
    ntp = spdx "NTP" "NTP License";
    ocamlLgplLinkingException = spdx "OCaml-LGPL-linking-exception" "OCaml LGPL Linking Exception";
    odbl = spdx "ODbL-1.0" "Open Data Commons Open Database License v1.0";
    ofl = spdx "OFL-1.1" "SIL Open Font License 1.1";
    oml = spdx "OML" "Open Market License";
    openldap = spdx "OLDAP-2.8" "Open LDAP Public License v2.8";
    openssl = spdx "OpenSSL" "OpenSSL License";
    opubl = spdx "OPUBL-1.0" "Open Publication License v1.0";
    osl2 = spdx "OSL-2.0" "Open Software License 2.0";
    osl21 = spdx "OSL-2.1" "Open Software License 2.1";
    osl3 = spdx "OSL-3.0" "Open Software License 3.0";
    paratype = spdx "ParaType-Free-Font-1.3" "ParaType Free Font Licensing Agreement v1.3";
    parity70 = spdx "Parity-7.0.0" "Parity Public License 7.0.0";
    php301 = spdx "PHP-3.01" "PHP License v3.01";
    postgresql = spdx "PostgreSQL" "PostgreSQL License";
    psfl = spdx "Python-2.0" "Python Software Foundation License version 2";
    publicDomain = { fullName = "Public Domain"; };
    qhull = spdx "Qhull" "Qhull License";
    qpl = spdx "QPL-1.0" "Q Public License 1.0";
    qwtException = spdx "Qwt-exception-1.0" "Qwt exception 1.0";
    ruby = spdx "Ruby" "Ruby License";
    sendmail = spdx "Sendmail" "Sendmail License";
    sgi-b-20 = spdx "SGI-B-2.0" "SGI Free Software License B v2.0";
    sgmlug = spdx "SGMLUG-PM" "SGMLUG Parser Materials License";
    sissl11 = spdx "SISSL" "Sun Industry Standards Source License 1.1";
    sleepycat = spdx "Sleepycat" "Sleepycat License";
    smail = spdx "SMAIL-GPL" "SMAIL General Public License";
    smlnj = spdx "SMLNJ" "Standard ML of New Jersey License";
    stk = at "https://github.com/thestk/stk/blob/master/LICENSE" "Synthesis Tool Kit 4.3";
    sudo = at "https://www.sudo.ws/about/license/" "Sudo License (ISC-style)";
    tcltk = spdx "TCL" "TCL/TK License";
    tcpWrappers = spdx "TCP-wrappers" "TCP Wrappers License";
    tekHvcLicense = spdx "TekHVC" "TekHVC License";
    torque11 = spdx "TORQUE-1.1" "TORQUE v2.5+ Software License v1.1";
    tost = spdx "Pixar" "Tomorrow Open Source Technology License 1.0";
    ubdlException = spdx "UBDL-exception" "Unmodified Binary Distribution exception";
    ucd = at "https://fedoraproject.org/wiki/Licensing:UCD" "Unicode Character Database License";
    ufl = spdx "Ubuntu-font-1.0" "Ubuntu Font License 1.0";
    unfreeRedistributableFirmware = { fullName = "Unfree redistributable firmware"; };
    unicode-30 = spdx "Unicode-3.0" "Unicode License v3";
    unicode-dfs-2015 = spdx "Unicode-DFS-2015" "Unicode License Agreement - Data Files and Software (2015)";
    unicode-dfs-2016 = spdx "Unicode-DFS-2016" "Unicode License Agreement - Data Files and Software (2016)";
    unicodeTOU = spdx "Unicode-TOU" "Unicode Terms of Use";
    universalFOSSException-10 = spdx "Universal-FOSS-exception-1.0" "Universal FOSS Exception, Version 1.0";
    unlicense = spdx "Unlicense" "The Unlicense";
    upl = spdx "UPL-1.0" "Universal Permissive License";
    vim = spdx "Vim" "Vim License";
    vol-sl = at "https://www.volatilityfoundation.org/license/vsl-v1.0" "Volatility Software License, Version 1.0";
    vsl10 = spdx "VSL-1.0" "Vovida Software License v1.0";
    w3c = spdx "W3C" "W3C Software Notice and License";
    w3c-19980720 = spdx "W3C-19980720" "W3C Software Notice and License (1998-07-20)";
    wadalab = at "https://fedoraproject.org/wiki/Licensing:Wadalab?rd=Licensing/Wadalab" "Wadalab Font License";
    wtfpl = spdx "WTFPL" "Do What The F*ck You Want To Public License";
    wxWindowsException31 = spdx "WxWindows-exception-3.1" "wxWindows Library Licence, Version 3.1";
    x11 = spdx "X11" "X11 License";
    x11BsdClause = at "https://gitlab.freedesktop.org/xorg/driver/xf86-video-geode/-/blob/d147c3f1b6907ae9db6f12853cedd450537d99d2/COPYING" "X11 License with third BSD clause";
    x11NoPermitPersons = spdx "X11-no-permit-persons" "X11 no permit persons clause";
    xerox = spdx "Xerox" "Xerox License";
    xfig = spdx "Xfig" "xfig";
    xinetd = spdx "xinetd" "xinetd License";
    xskat = spdx "XSkat" "XSkat License";
    zlib = spdx "Zlib" "zlib License";
    zpl20 = spdx "ZPL-2.0" "Zope Public License 2.0";
    zpl21 = spdx "ZPL-2.1" "Zope Public License 2.1";
  }
  // withTerms redistributable {
    bsl11 = spdx "BUSL-1.1" "Business Source License 1.1";
    enpl = at "https://github.com/Emmi-AI/noether/blob/main/LICENSE.txt" "Emmi AI Non-Production License";
    fairsource09 = at "https://fair.io/v0.9.txt" "Fair Source License, version 0.9";
    fsl11Asl20 = spdx "FSL-1.1-ALv2" "Functional Source License, Version 1.1, Apache 2.0 Future License";
    fsl11Mit = spdx "FSL-1.1-MIT" "Functional Source License, Version 1.1, MIT Future License";
    hl3 = at "https://firstdonoharm.dev/version/3/0/core.txt" "Hippocratic License v3.0";
    ncul1 = spdx "NCUL1" "Netdata Cloud UI License v1.0";
    nvidiaCudaRedist = at "https://docs.nvidia.com/cuda/eula/index.html#cuda-toolkit-supplement-license-agreement" "CUDA Toolkit End User License Agreement (EULA)" // { shortName = "CUDA EULA"; };
    sfl = at "https://gitlab.futo.org/videostreaming/grayjay/-/blob/master/LICENSE.md" "Source First License 1.1";
    sspl = spdx "SSPL-1.0" "Server Side Public License";
    teamspeak = at "https://www.teamspeak.com/en/privacy-and-terms/" "Teamspeak client license";
    unfreeRedistributable = { fullName = "Unfree redistributable"; };
    watcom = spdx "Watcom-1.0" "Sybase Open Watcom Public License 1.0";
  }
  // withTerms unfree {
    acsl14 = at "https://anticapitalist.software/" "Anti-Capitalist Software License v1.4";
    activision = at "https://www.doomworld.com/eternity/activision_eula.txt" "Activision EULA";
    aladdin = spdx "Aladdin" "Aladdin Free Public License";
    amazonsl = at "https://aws.amazon.com/asl/" "Amazon Software License";
    amd = at "https://developer.amd.com/amd-license-agreement/" "AMD License Agreement";
    cc-by-nc-30 = spdx "CC-BY-NC-3.0" "Creative Commons Attribution Non Commercial 3.0 Unported";
    cc-by-nc-40 = spdx "CC-BY-NC-4.0" "Creative Commons Attribution Non Commercial 4.0 International";
    cc-by-nc-nd-30 = spdx "CC-BY-NC-ND-3.0" "Creative Commons Attribution Non Commercial No Derivative Works 3.0 Unported";
    cc-by-nc-nd-40 = spdx "CC-BY-NC-ND-4.0" "Creative Commons Attribution-NonCommercial-NoDerivatives 4.0 International";
    cc-by-nc-sa-20 = spdx "CC-BY-NC-SA-2.0" "Creative Commons Attribution Non Commercial Share Alike 2.0";
    cc-by-nc-sa-25 = spdx "CC-BY-NC-SA-2.5" "Creative Commons Attribution Non Commercial Share Alike 2.5";
    cc-by-nc-sa-30 = spdx "CC-BY-NC-SA-3.0" "Creative Commons Attribution Non Commercial Share Alike 3.0";
    cc-by-nc-sa-40 = spdx "CC-BY-NC-SA-4.0" "Creative Commons Attribution Non Commercial Share Alike 4.0";
    cc-by-nd-30 = spdx "CC-BY-ND-3.0" "Creative Commons Attribution-No Derivative Works v3.00";
    cc-by-nd-40 = spdx "CC-BY-ND-4.0" "Creative Commons Attribution-No Derivative Works v4.0";
    cockroachdb-community-license = at "https://www.cockroachlabs.com/cockroachdb-community-license/" "CockroachDB Community License Agreement";
    commons-clause = at "https://commonsclause.com/" "Commons Clause License";
    databricks = at "https://www.databricks.com/legal/db-license" "Databricks License";
    databricks-dbx = at "https://github.com/databrickslabs/dbx/blob/743b579a4ac44531f764c6e522dbe5a81a7dc0e4/LICENSE" "DataBricks eXtensions aka dbx License";
    databricks-license = at "https://www.databricks.com/legal/db-license" "Databricks License";
    eapl = at "https://avasys.jp/hp/menu000000700/hpg000000603.htm" "EPSON AVASYS PUBLIC LICENSE";
    elastic20 = spdx "Elastic-2.0" "Elastic License 2.0";
    epson = at "https://download.ebz.epson.net/dsc/du/02/eula/global/LINUX_EN.html" "Seiko Epson Corporation Software License Agreement for Linux";
    ffsl = at "https://www.floodgap.com/software/ffsl/license.html" "Floodgap Free Software License";
    geogebra = at "https://www.geogebra.org/license" "GeoGebra Non-Commercial License Agreement";
    inria-compcert = at "https://compcert.org/doc/LICENSE.txt" "INRIA Non-Commercial License Agreement for the CompCert verified compiler";
    inria-icesl = at "https://icesl.loria.fr/assets/pdf/EULA_IceSL_binary.pdf" "End User License Agreement for IceSL Software";
    inria-zelus = at "https://github.com/INRIA/zelus/raw/829f2b97cba93b0543a9ca0272269e6b8fdad356/LICENSE" "INRIA Non-Commercial License Agreement for the Zélus compiler";
    intel-eula = at "https://software.intel.com/sites/manageability/AMT_Implementation_and_Reference_Guide/WordDocuments/intelamtsdklicense.htm" "Intel End User License Agreement for Developer Tools";
    issl = at "https://software.intel.com/en-us/license/intel-simplified-software-license" "Intel Simplified Software License";
    json = spdx "JSON" "JSON License";
    lens = at "https://k8slens.dev/legal/tos" "Lens Terms of Service Agreement";
    nasa13 = spdx "NASA-1.3" "NASA Open Source Agreement 1.3";
    ncbiPd = spdx "NCBI-PD" "NCBI Public Domain Notice";
    netboxLimitedUse = at "https://github.com/netboxlabs/netbox-branching/blob/8465b9aee69ded23930cfe1a522695bfb8955a5a/LICENSE.md" "NetBox Limited Use License 1.0";
    nvidiaCuda = at "https://docs.nvidia.com/cuda/eula/index.html#cuda-toolkit-supplement-license-agreement" "CUDA Toolkit End User License Agreement (EULA)" // { shortName = "CUDA EULA"; };
    obsidian = at "https://obsidian.md/eula" "Obsidian End User Agreement";
    ocamlpro_nc = at "https://alt-ergo.ocamlpro.com/http/alt-ergo-2.2.0/OCamlPro-Non-Commercial-License.pdf" "OCamlPro Non Commercial license version 1";
    postman = at "https://www.getpostman.com/licenses/postman_base_app" "Postman EULA";
    prosperity30 = at "https://prosperitylicense.com/versions/3.0.0.html" "Prosperity-3.0.0";
    sustainableUse = spdx "SUL-1.0" "Sustainable Use License";
    tsl = at "https://github.com/timescale/timescaledb/blob/main/tsl/LICENSE-TIMESCALE" "Timescale License Agreement" // { shortName = "TSL"; };
    unfree = { fullName = "Unfree"; };
    virtualbox-puel = at "https://www.virtualbox.org/wiki/VirtualBox_PUEL" "Oracle VM VirtualBox Extension Pack Personal Use and Evaluation License (PUEL)";
  }
  // withTerms (free // { deprecated = true; }) {
    apsl10 = spdx "APSL-1.0" "Apple Public Source License 1.0";
    apsl20 = spdx "APSL-2.0" "Apple Public Source License 2.0";
    gpl2 = spdx "GPL-2.0" "GNU General Public License v2.0";
    gpl3 = spdx "GPL-3.0" "GNU General Public License v3.0";
    lgpl2 = spdx "LGPL-2.0" "GNU Library General Public License v2";
    lgpl21 = spdx "LGPL-2.1" "GNU Lesser General Public License v2.1";
    lgpl3 = spdx "LGPL-3.0" "GNU Lesser General Public License v3.0";
  }
  // expressions
